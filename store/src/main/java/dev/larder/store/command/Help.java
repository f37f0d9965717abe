package dev.larder.store.command;

import dev.larder.store.reply.Reply;
import java.util.ArrayList;
import java.util.List;

/** What {@code CONTAINER HELP} answers: one simple string a line, framed as the real servers do. */
public final class Help {
    private Help() {}

    /** {@code lines} are forms of subcommands, each followed by indented sentences about it. */
    public static Reply of(String container, String... lines) {
        List<Reply> all = new ArrayList<>();
        all.add(
                Reply.status(
                        container + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"));
        for (String line : lines) {
            all.add(Reply.status(line));
        }
        all.add(Reply.status("HELP"));
        all.add(Reply.status("    Print this help."));
        return Reply.array(all);
    }
}
