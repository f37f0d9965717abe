package dev.larder.caching.quarkus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.caching.Cache;
import dev.larder.caching.Codec;
import dev.larder.kit.LarderBackends;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.redis.client.Redis;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Duration;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Annotated methods of a Panache repository, on a real PostgreSQL and a real store. */
@QuarkusTest
@WithTestResource(LarderBackends.class)
class AnnotationsTest {

    @Inject Books books;
    @Inject Cache<Books.Book> cache;
    @Inject Cache<Books.Shelf> shelves;

    static class Produced {
        @Produces
        @Singleton
        Cache<Books.Book> books(Redis redis, ObjectMapper json) {
            return Cache.named(Books.ONE, redis, Codec.json(json, Books.Book.class))
                    .version(book -> book.version() + 1)
                    .storeTimeout(Duration.ofSeconds(5))
                    .build();
        }

        @Produces
        @Singleton
        Cache<Books.Shelf> shelves(Redis redis, ObjectMapper json) {
            return Cache.named(Books.SHELF, redis, Codec.json(json, Books.Shelf.class))
                    .tags(
                            shelf ->
                                    shelf.books().stream()
                                            .map(book -> "shelf:" + book.shelf())
                                            .collect(Collectors.toSet()))
                    .storeTimeout(Duration.ofSeconds(5))
                    .build();
        }
    }

    @BeforeEach
    void empty() {
        cache.flush();
        shelves.flush();
        QuarkusTransaction.requiringNew().run(() -> books.deleteAll());
        Books.LOADS.set(0);
    }

    @Test
    void aReadLoadsOnceAndAnAbsenceIsRemembered() {
        Books.Book tea = books.add("a", "The Book of Tea");
        cache.flush();
        assertThat(books.book(tea.id())).contains(tea);
        assertThat(books.book(tea.id())).contains(tea);
        assertThat(Books.LOADS).hasValue(1);
        assertThat(books.book(-1)).isEmpty();
        assertThat(books.book(-1)).isEmpty();
        assertThat(Books.LOADS).hasValue(2);
    }

    @Test
    void aWriteIsTheNextRead() {
        Books.Book tea = books.add("a", "The Book of Tea");
        assertThat(books.book(tea.id())).contains(tea);
        Books.Book renamed = books.rename(tea.id(), "Tea");
        assertThat(books.book(tea.id())).contains(renamed);
        assertThat(Books.LOADS).hasValue(0);
    }

    @Test
    void aMethodThatThrowsChangesNothing() {
        Books.Book tea = books.add("a", "The Book of Tea");
        assertThatThrownBy(() -> books.rename(tea.id(), "")).hasMessage("a book has a title");
        assertThat(books.book(tea.id())).contains(tea);
        assertThat(Books.LOADS).hasValue(0);
        assertThatThrownBy(() -> books.fails(tea.id() + 1_000))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("no such disk");
    }

    @Test
    void aTransactionThatGoesOnTellsWhenItHasCommitted() {
        Books.Book tea = books.add("a", "The Book of Tea");
        QuarkusTransaction.requiringNew()
                .run(
                        () -> {
                            books.rename(tea.id(), "Tea");
                            // Others still see what is committed; the transaction sees its own.
                            assertThat(cache.peek(Long.toString(tea.id())).orElseThrow().value())
                                    .isEqualTo(tea);
                            assertThat(books.book(tea.id()).orElseThrow().title()).isEqualTo("Tea");
                            books.rename(tea.id(), "Tea, again");
                        });
        assertThat(cache.peek(Long.toString(tea.id()))).isEmpty();
        assertThat(books.book(tea.id()).orElseThrow().title()).isEqualTo("Tea, again");
    }

    @Test
    void aRolledBackTransactionInvalidatesNothing() {
        Books.Book tea = books.add("a", "The Book of Tea");
        assertThatThrownBy(
                        () ->
                                QuarkusTransaction.requiringNew()
                                        .run(
                                                () -> {
                                                    books.rename(tea.id(), "Tea");
                                                    books.remove(tea);
                                                    throw new IllegalStateException("no");
                                                }))
                .hasMessageContaining("no");
        assertThat(cache.peek(Long.toString(tea.id())).orElseThrow().value()).isEqualTo(tea);
        assertThat(books.book(tea.id())).contains(tea);
        assertThat(Books.LOADS).hasValue(0);
    }

    /** What a transaction has not committed must never be kept for others. */
    @Test
    void aReadWithinATransactionKeepsNothing() {
        Books.Book tea = books.add("a", "The Book of Tea");
        cache.flush();
        assertThatThrownBy(
                        () ->
                                QuarkusTransaction.requiringNew()
                                        .run(
                                                () -> {
                                                    books.findById(tea.id()).title = "not yet";
                                                    assertThat(
                                                                    books.book(tea.id())
                                                                            .orElseThrow()
                                                                            .title())
                                                            .isEqualTo("not yet");
                                                    throw new IllegalStateException("no");
                                                }))
                .hasMessageContaining("no");
        assertThat(cache.peek(Long.toString(tea.id()))).isEmpty();
        assertThat(books.book(tea.id())).contains(tea);
    }

    @Test
    void aDropTakesTheKeyOrTheTagAfterTheCommit() {
        Books.Book tea = books.add("a", "The Book of Tea");
        Books.Book other = books.add("b", "Another");
        assertThat(books.shelf("a").books()).containsExactly(tea);
        assertThat(books.shelf("b").books()).containsExactly(other);
        Books.Book more = books.add("a", "More");
        assertThat(books.shelf("a").books()).containsExactly(tea, more);
        assertThat(Books.LOADS).hasValue(3);
        books.shelf("b");
        assertThat(Books.LOADS).hasValue(3);

        assertThat(books.remove(tea)).isTrue();
        assertThat(books.book(tea.id())).isEmpty();
        assertThat(Books.LOADS).hasValue(4);
    }
}
