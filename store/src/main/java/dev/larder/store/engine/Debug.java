package dev.larder.store.engine;

import dev.larder.store.command.Call;
import dev.larder.store.command.Command;
import dev.larder.store.command.Errors;
import dev.larder.store.reply.Reply;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What DEBUG can do, a word each, and the switches that it sets. The part that knows about a thing
 * adds the word for it: {@code engine.debug().on("RELOAD", 2, 5, …)}.
 */
public final class Debug {
    private record Word(String syntax, String about, int least, int most, Command.Body body) {}

    /** How long the most used of a reply buffer is remembered, unless said otherwise. */
    public static final long REPLY_PEAK_MILLIS = 5000;

    private final Map<String, Word> words = new LinkedHashMap<>();
    private boolean activeExpire = true;
    private boolean cronPaused;
    private boolean resizesReplyBuffers = true;
    private long replyPeakMillis = REPLY_PEAK_MILLIS;
    private boolean deniesScripts = true;
    private boolean checksChecksums = true;

    /**
     * Adds a word.
     *
     * @param syntax the word and its arguments, as HELP shows it
     * @param least how many words a call has at least, DEBUG included; {@code most} likewise
     */
    public void on(String syntax, String about, int least, int most, Command.Body body) {
        String name = syntax.split(" ", 2)[0];
        if (words.put(name, new Word(syntax, about, least, most, body)) != null) {
            throw new IllegalStateException("DEBUG " + name + " stands twice");
        }
    }

    /** Whether reply buffers that are hardly used are made smaller. */
    public boolean resizesReplyBuffers() {
        return resizesReplyBuffers;
    }

    public void resizesReplyBuffers(boolean yes) {
        resizesReplyBuffers = yes;
    }

    /** How long the most used of a reply buffer is remembered, in milliseconds; -1 for ever. */
    public long replyPeakMillis() {
        return replyPeakMillis;
    }

    public void replyPeakMillis(long millis) {
        replyPeakMillis = millis;
    }

    /** Runs {@code DEBUG word …}. */
    public Reply run(Call call) {
        String name = call.args().text(1);
        if (name.equalsIgnoreCase("HELP") && call.count() == 2) {
            return help();
        }
        Word word = words.get(name.toUpperCase(Locale.ROOT));
        if (word == null || call.count() < word.least() || call.count() > word.most()) {
            throw Errors.subcommandSyntax(name, "DEBUG");
        }
        return word.body().run(call);
    }

    private Reply help() {
        List<Reply> lines = new ArrayList<>();
        lines.add(Reply.status("DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"));
        for (Word word : words.values()) {
            lines.add(Reply.status(word.syntax()));
            lines.add(Reply.status("    " + word.about()));
        }
        lines.add(Reply.status("HELP"));
        lines.add(Reply.status("    Print this help."));
        return Reply.array(lines);
    }

    /** Whether keys that nobody looks at are removed when their time is over. */
    public boolean activeExpire() {
        return activeExpire;
    }

    public void activeExpire(boolean yes) {
        activeExpire = yes;
    }

    /** Whether the periodic work is stopped: sweeping, sampling, closing idle clients. */
    public boolean cronPaused() {
        return cronPaused;
    }

    public void cronPaused(boolean yes) {
        cronPaused = yes;
    }

    /** Whether commands that must not run in a script are refused there, as they should be. */
    public boolean deniesScripts() {
        return deniesScripts;
    }

    public void deniesScripts(boolean yes) {
        deniesScripts = yes;
    }

    /** Whether the checksum of a dump is compared. */
    public boolean checksChecksums() {
        return checksChecksums;
    }

    public void checksChecksums(boolean yes) {
        checksChecksums = yes;
    }
}
