package dev.larder.store.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.store.command.Args;
import dev.larder.store.engine.Engine;
import dev.larder.store.journal.Effect;
import dev.larder.store.reply.Reply;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What RESTORE has done is told to the journal so that it comes to the same elsewhere. */
class RestoreJournalTest {
    @TempDir Path folder;

    @Test
    void isReplayedWithTheTimeItCameTo() {
        Engine engine = Voice.engine(folder);
        List<Effect> effects = new ArrayList<>();
        engine.journal().listen(effects::add);
        Voice voice = Voice.of(engine);
        voice.ask("HSET h a 1 b 2");
        String hash =
                new String(((Reply.Bulk) voice.ask("DUMP h")).bytes(), StandardCharsets.ISO_8859_1);
        assertThat(voice.ask("RESTORE", "plain", "0", hash)).isEqualTo(Reply.OK);
        assertThat(voice.ask("RESTORE", "timed", "100000", hash)).isEqualTo(Reply.OK);
        assertThat(voice.ask("RESTORE", "h", "50000", hash, "REPLACE", "IDLETIME", "10"))
                .isEqualTo(Reply.OK);
        voice.ask("SET gone v");
        assertThat(voice.ask("RESTORE", "gone", "1", hash, "REPLACE", "ABSTTL"))
                .isEqualTo(Reply.OK);
        assertThat(voice.ask("EXISTS gone")).isEqualTo(Reply.integer(0));

        Voice other = Voice.of(Voice.engine(folder));
        Engine copy = other.engine();
        for (Effect effect : effects) {
            copy.execute(other, Args.of(effect.words()));
        }
        assertThat(other.digest()).isEqualTo(voice.digest());
        assertThat(other.ask("PEXPIRETIME timed")).isEqualTo(voice.ask("PEXPIRETIME timed"));
        assertThat(other.ask("PEXPIRETIME h")).isEqualTo(voice.ask("PEXPIRETIME h"));
    }
}
