package dev.larder.caching.quarkus;

import io.quarkus.hibernate.orm.panache.PanacheRepository;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A Panache repository with caches in front of it, by annotation alone. */
@ApplicationScoped
class Books implements PanacheRepository<BookRow> {

    static final String ONE = "test:book";
    static final String SHELF = "test:shelf";

    static final AtomicInteger LOADS = new AtomicInteger();

    record Book(long id, String title, String shelf, long version) {
        static Book of(BookRow row) {
            return new Book(row.id, row.title, row.shelf, row.version);
        }
    }

    record Shelf(List<Book> books) {}

    @CacheRead(cache = ONE)
    @Transactional
    Optional<Book> book(long id) {
        LOADS.incrementAndGet();
        return findByIdOptional(id).map(Book::of);
    }

    @CacheRead(cache = SHELF)
    @Transactional
    Shelf shelf(String name) {
        LOADS.incrementAndGet();
        return new Shelf(list("shelf = ?1 order by id", name).stream().map(Book::of).toList());
    }

    @CacheRead(cache = ONE)
    Book fails(long id) throws IOException {
        throw new IOException("no such disk: " + id);
    }

    @CacheWrite(cache = ONE, keyOfResult = "id")
    @CacheDrop(cache = SHELF, tags = "shelf:{0}")
    @Transactional
    Book add(@CacheKey String shelf, String title) {
        BookRow row = new BookRow();
        row.title = title;
        row.shelf = shelf;
        persistAndFlush(row);
        return Book.of(row);
    }

    @CacheWrite(cache = ONE)
    @Transactional
    Book rename(@CacheKey long id, String title) {
        BookRow row = findById(id);
        row.title = title;
        flush();
        if (title.isEmpty()) {
            throw new IllegalArgumentException("a book has a title");
        }
        return Book.of(row);
    }

    @CacheDrop(cache = ONE)
    @Transactional
    boolean remove(@CacheKey("id") Book book) {
        return deleteById(book.id());
    }
}
