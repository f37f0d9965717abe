package dev.larder.catalog;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Makes a small assortment a large one, inside PostgreSQL: every product in the versions of other
 * makers, with reviews, and people who bought several things at once. The same on every machine,
 * because all chance comes from hashes; each step is one transaction, and done twice is done once.
 */
@ApplicationScoped
class Assortment {

    private static final Logger LOG = Logger.getLogger(Assortment.class);

    static final List<String> MAKERS =
            List.of(
                    "Alder & Finch",
                    "Brightwater",
                    "Casa Moreno",
                    "Dunmore",
                    "Eskilda",
                    "Fjordhus",
                    "Greta Holm",
                    "Harrow Lane",
                    "Isola Bianca",
                    "Juniper Row",
                    "Kestrel",
                    "Lindenhof",
                    "Marlowe",
                    "Northgate",
                    "Oak & Ember",
                    "Petit Marais",
                    "Quarry House",
                    "Rosendal",
                    "Stoneleigh",
                    "Tamarind");

    /**
     * Each product once more, by another maker: dearer or cheaper, and reviewed with the words of
     * the reviews that are there; a liked product draws from the better ones.
     */
    private static final String VARIANTS =
            """
            with base as materialized (
              select id, sku, category_id, name, description, price_cents, currency,
                catalog.chance(sku, :series) as luck
              from catalog.product where variant_of is null
            ), pool as materialized (
              select r.author, r.stars, r.text, r.at,
                row_number() over (order by r.stars, r.id) - 1 as place
              from catalog.review r join base on base.id = r.product_id
            ), size as materialized (
              select count(*) as places from pool
            ), said as materialized (
              select b.id as base_id, o.author, o.stars, o.text,
                o.at + (b.luck * 9000 + k) * interval '1 second' as at
              from base b
              cross join size
              cross join lateral generate_series(
                1, cast(floor(8 * catalog.chance(b.sku, :series * 31)) as integer)) k
              join pool o on o.place = cast(floor(size.places
                * (0.6 * b.luck + 0.4 * catalog.chance(b.sku || k, :series * 37))) as bigint)
            ), made as (
              insert into catalog.product (sku, category_id, name, description, price_cents,
                currency, stock, rating, review_count, variant_of)
              select b.sku || '-' || lpad(cast(:series as text), 2, '0'), b.category_id,
                left(:maker || ' ' || b.name, 120),
                left(b.description || ' Made by ' || :maker || '.', 4000),
                greatest(50,
                  cast(round(b.price_cents * (0.6 + 1.1 * b.luck) / 10) as bigint) * 10 - 1),
                b.currency,
                case when catalog.chance(b.sku, :series * 41) < 0.06 then 0
                  else 1 + cast(floor(300 * catalog.chance(b.sku, :series * 43) ^ 2) as integer) end,
                s.mean, coalesce(s.number, 0), b.id
              from base b
              left join (select base_id, avg(stars) as mean, count(*) as number
                         from said group by base_id) s on s.base_id = b.id
              where length(b.sku) <= 37
              on conflict (sku) do nothing
              returning id, variant_of
            ), reviewed as (
              insert into catalog.review (product_id, author, stars, text, at)
              select made.id, said.author, said.stars, said.text, said.at
              from made join said on said.base_id = made.variant_of
            )
            select count(*) from made
            """;

    /**
     * Baskets of one to six products. A basket is mostly of one category; half of it lies close
     * together, so that some things do go along with others; and few products are bought often.
     */
    private static final String PURCHASES =
            """
            with shelf as materialized (
              select id, category_id, price_cents, row_number() over (
                partition by category_id order by catalog.chance(sku, 11), id) - 1 as place
              from catalog.product
            ), aisle as materialized (
              select category_id, count(*) as places,
                row_number() over (order by category_id) - 1 as number, count(*) over () as aisles
              from shelf group by category_id
            ), basket as materialized (
              select i as id, catalog.chance('basket', i) as mood,
                catalog.chance('taste', i) as taste,
                1 + cast(floor(6 * catalog.chance('size', i)) as integer) as size
              from generate_series(cast(:first as bigint), cast(:last as bigint)) i
            ), wish as materialized (
              select b.id, a.category_id,
                case when catalog.chance('near', b.id * 8 + k) < 0.5
                  then (cast(floor(a.places * b.taste ^ 3) as bigint) + k * k) % a.places
                  else cast(floor(a.places * catalog.chance('far', b.id * 8 + k) ^ 3) as bigint)
                  end as place
              from basket b
              cross join lateral generate_series(1, b.size) k
              join aisle a on a.number = cast(floor((select count(*) from aisle)
                * case when catalog.chance('stray', b.id * 8 + k) < 0.75 then b.mood
                  else catalog.chance('aisle', b.id * 8 + k) end) as bigint)
            ), bought as (
              insert into catalog.purchase (id, at)
              select id, timestamptz '2026-11-20 18:00:00Z'
                - catalog.chance('at', id) * interval '700 days'
              from basket where exists (select from shelf)
              on conflict (id) do nothing returning id
            ), lines as (
              insert into catalog.purchase_line (purchase_id, product_id, quantity, price_cents)
              select bought.id, shelf.id,
                1 + cast(floor(3 * catalog.chance('many', bought.id + shelf.id) ^ 3) as integer),
                shelf.price_cents
              from wish join bought on bought.id = wish.id join shelf using (category_id, place)
              group by bought.id, shelf.id, shelf.price_cents
              returning 1
            )
            select count(*) from lines
            """;

    private final EntityManager entities;

    Assortment(EntityManager entities) {
        this.entities = entities;
    }

    /**
     * @param series 1 to {@link #MAKERS}' size: which maker's versions
     * @return how many products were made; 0 when they are there
     */
    @Transactional
    int addVariants(int series) {
        String maker = MAKERS.get(series - 1);
        long made =
                (Long)
                        entities.createNativeQuery(VARIANTS, Long.class)
                                .setParameter("series", (long) series)
                                .setParameter("maker", maker)
                                .getSingleResult();
        LOG.infof("assortment: %d products by %s (%d of %d)", made, maker, series, MAKERS.size());
        return (int) made;
    }

    /**
     * @param first number of the first purchase; purchases that are there stay as they are
     * @return how many lines were made
     */
    @Transactional
    int addPurchases(int first, int size) {
        long lines =
                (Long)
                        entities.createNativeQuery(PURCHASES, Long.class)
                                .setParameter("first", (long) first)
                                .setParameter("last", (long) first + size - 1)
                                .getSingleResult();
        LOG.infof("assortment: %d lines in purchases %d to %d", lines, first, first + size - 1);
        return (int) lines;
    }
}
