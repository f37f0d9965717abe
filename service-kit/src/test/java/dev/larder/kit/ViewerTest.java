package dev.larder.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ViewerTest {

    private static final int WAITING_MAX = 64;

    private final List<String> sent = new ArrayList<>();
    private final Deque<Consumer<Boolean>> unread = new ArrayDeque<>();
    private final List<Integer> closed = new ArrayList<>();
    private long nanos;

    private final Viewer viewer =
            new Viewer(
                    (text, done) -> {
                        sent.add(text);
                        unread.add(done);
                    },
                    closed::add,
                    () -> nanos);

    private void reads() {
        unread.remove().accept(true);
    }

    @Test
    void oneMessageIsSentAtATimeAndInOrder() {
        viewer.tell(null, "a");
        viewer.tell(null, "b");
        assertThat(sent).containsExactly("a");
        reads();
        reads();
        viewer.tell(null, "c");
        assertThat(sent).containsExactly("a", "b", "c");
    }

    @Test
    void onlyTheNewestTopWaits() {
        viewer.tell("top", "top 1");
        viewer.tell("top", "top 2");
        viewer.tell(null, "change");
        viewer.tell("top", "top 3");
        reads();
        reads();
        reads();
        assertThat(sent).containsExactly("top 1", "change", "top 3");
    }

    @Test
    void whoLetsTooManyPileUpIsClosed() {
        for (int i = 0; i < WAITING_MAX + 1; i++) {
            viewer.tell(null, "change " + i);
        }
        assertThat(closed).isEmpty();
        viewer.tell(null, "one more");
        viewer.tell(null, "and another");
        assertThat(closed).containsExactly(Viewer.TOO_SLOW);
        assertThat(sent).hasSize(1);
    }

    @Test
    void whoTakesTenSecondsOverOneMessageIsClosed() {
        viewer.tell("top", "top 1");
        nanos = 9_000_000_000L;
        viewer.tell("top", "top 2");
        assertThat(closed).isEmpty();
        nanos = 11_000_000_000L;
        viewer.tell("top", "top 3");
        assertThat(closed).containsExactly(Viewer.TOO_SLOW);
    }

    @Test
    void aLostConnectionIsLeftAlone() {
        viewer.tell(null, "a");
        unread.remove().accept(false);
        viewer.tell(null, "b");
        assertThat(sent).containsExactly("a");
        assertThat(closed).isEmpty();
    }
}
