package dev.larder.bench.caching;

import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import javax.sql.DataSource;

/** A shop in PostgreSQL, and the query that is worth caching: search, facets and "also bought". */
@ApplicationScoped
class Shop {

    private static final int PRODUCTS = 20_000;
    private static final int ORDERS = 60_000;

    private static final List<String> DATA =
            List.of(
                    """
                    create table product as
                    select id,
                      'word' || id %% 64 || ' thing ' || id as name,
                      'category-' || id %% 24 as category,
                      100 + (id * 7919) %% 50000 as price_cents,
                      1 + (id * 31 %% 41) / 10.0 as rating,
                      to_tsvector('simple', 'word' || id %% 64 || ' thing ' || id) as search
                    from generate_series(1, %d) as id
                    """
                            .formatted(PRODUCTS),
                    "create unique index on product (id)",
                    "create index on product using gin (search)",
                    """
                    create table line as
                    select o as order_id, 1 + (o * 7919 + n * n * 104729) %% %d as product_id
                    from generate_series(1, %d) as o, generate_series(1, 4) as n
                    """
                            .formatted(PRODUCTS, ORDERS),
                    "create index on line (product_id, order_id)",
                    "create index on line (order_id, product_id)",
                    "analyze");

    private static final String PAGE =
            """
            select id, name, category, price_cents, rating from product
            where search @@ to_tsquery('simple', ?) order by rating desc, id limit 24
            """;
    private static final String CATEGORIES =
            """
            select category, count(*) from product where search @@ to_tsquery('simple', ?)
            group by category order by 2 desc, 1
            """;
    private static final String PRICES =
            """
            select (price_cents / 10000)::text, count(*) from product
            where search @@ to_tsquery('simple', ?) group by 1 order by 1
            """;
    private static final String ALSO =
            """
            select p.id, p.name, p.category, p.price_cents, p.rating
            from (select other.product_id, count(*) as times
                  from product found
                  join line mine on mine.product_id = found.id
                  join line other on other.order_id = mine.order_id
                    and other.product_id <> mine.product_id
                  where found.search @@ to_tsquery('simple', ?)
                  group by other.product_id order by times desc, other.product_id limit 8) top
            join product p on p.id = top.product_id order by top.times desc, p.id
            """;

    private final LongAdder queries = new LongAdder();
    private final DataSource database;

    Shop(DataSource database) {
        this.database = database;
    }

    void fill(@Observes StartupEvent event) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            try (ResultSet there =
                    statement.executeQuery("select to_regclass('line') is not null")) {
                there.next();
                if (there.getBoolean(1)) {
                    return;
                }
            }
            for (String step : DATA) {
                statement.execute(step);
            }
        }
    }

    /** Searches since the start. */
    long queries() {
        return queries.sum();
    }

    Found search(String word) {
        queries.increment();
        try (Connection connection = database.getConnection()) {
            List<Found.Facet> categories = facets(connection, CATEGORIES, word);
            return new Found(
                    categories.stream().mapToLong(Found.Facet::count).sum(),
                    items(connection, PAGE, word),
                    categories,
                    facets(connection, PRICES, word),
                    items(connection, ALSO, word));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private interface Row<T> {
        T of(ResultSet row) throws SQLException;
    }

    private static List<Found.Item> items(Connection connection, String sql, String word)
            throws SQLException {
        return all(
                connection,
                sql,
                word,
                row ->
                        new Found.Item(
                                row.getLong(1),
                                row.getString(2),
                                row.getString(3),
                                row.getLong(4),
                                row.getDouble(5)));
    }

    private static List<Found.Facet> facets(Connection connection, String sql, String word)
            throws SQLException {
        return all(connection, sql, word, row -> new Found.Facet(row.getString(1), row.getLong(2)));
    }

    private static <T> List<T> all(Connection connection, String sql, String word, Row<T> row)
            throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, word);
            List<T> found = new ArrayList<>();
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    found.add(row.of(rows));
                }
            }
            return found;
        }
    }
}
