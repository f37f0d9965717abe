package dev.larder.store.acl;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;

import dev.larder.store.command.AclCategory;
import dev.larder.store.command.Args;
import dev.larder.store.command.Call;
import dev.larder.store.command.Category;
import dev.larder.store.command.Command;
import dev.larder.store.command.CommandException;
import dev.larder.store.command.CommandTable;
import dev.larder.store.command.Errors;
import dev.larder.store.command.Family;
import dev.larder.store.command.Flag;
import dev.larder.store.reply.Reply;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/** ACL and its subcommands. */
public final class AclCommands {
    private static final Logger LOG = Logger.getLogger(AclCommands.class.getName());
    private static final int PASSWORD_BITS = 256;
    private static final int PASSWORD_BITS_MAX = 4096;
    private static final int LOG_ENTRIES = 10;
    private static final Flag[] OPEN = {Flag.NOSCRIPT, Flag.LOADING, Flag.STALE};

    public static final Family ALL =
            family(
                    Category.SERVER,
                    command("ACL", "<subcommand> [argument ...]")
                            .since("6.0.0")
                            .cost("Depends on subcommand.")
                            .about("A container for Access List Control commands."),
                    acl("CAT", "[category]", "Lists the ACL categories, or the commands in one.")
                            .does(AclCommands::cat),
                    admin("DELUSER", "username [username ...]", "Deletes ACL users.")
                            .does(AclCommands::deluser),
                    admin(
                                    "DRYRUN",
                                    "username command [arg [arg ...]]",
                                    "Simulates the execution of a command by a user.")
                            .since("7.0.0")
                            .does(AclCommands::dryrun),
                    acl("GENPASS", "[bits]", "Generates a random secure password.")
                            .does(AclCommands::genpass),
                    admin("GETUSER", "username", "Lists the ACL rules of a user.")
                            .does(AclCommands::getuser),
                    admin("LIST", "", "Dumps the effective rules in ACL file format.")
                            .does(AclCommands::list),
                    admin("LOAD", "", "Reloads the rules from the configured ACL file.")
                            .does(AclCommands::load),
                    admin("LOG", "[count | RESET]", "Lists recent security events.")
                            .does(AclCommands::log),
                    admin("SAVE", "", "Saves the effective ACL rules in the configured ACL file.")
                            .does(AclCommands::save),
                    admin(
                                    "SETUSER",
                                    "username [rule [rule ...]]",
                                    "Creates and modifies an ACL user and its rules.")
                            .does(AclCommands::setuser),
                    admin("USERS", "", "Lists all ACL users.").does(AclCommands::users),
                    acl("WHOAMI", "", "Returns the user name of the current connection.")
                            .does(call -> Reply.bulk(session(call).user().name())),
                    command("ACL|HELP", "")
                            .is(Flag.LOADING, Flag.STALE)
                            .since("6.0.0")
                            .about("Returns helpful text about the different subcommands.")
                            .does(AclCommands::help));

    private static final String[] HELP = {
        "ACL <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "CAT [<category>]",
        "    List all commands that belong to <category>, or all command categories",
        "    when no category is specified.",
        "DELUSER <username> [<username> ...]",
        "    Delete a list of users.",
        "DRYRUN <username> <command> [<arg> ...]",
        "    Returns whether the user can execute the given command without executing the command.",
        "GETUSER <username>",
        "    Get the user's details.",
        "GENPASS [<bits>]",
        "    Generate a secure 256-bit user password. The optional `bits` argument can",
        "    be used to specify a different size.",
        "LIST",
        "    Show users details in config file format.",
        "LOAD",
        "    Reload users from the ACL file.",
        "LOG [<count> | RESET]",
        "    Show the ACL log entries.",
        "SAVE",
        "    Save the current config to the ACL file.",
        "SETUSER <username> <attribute> [<attribute> ...]",
        "    Create or modify a user with the specified attributes.",
        "USERS",
        "    List all the registered usernames.",
        "WHOAMI",
        "    Return the current connection username.",
        "HELP",
        "    Print this help.",
    };

    private AclCommands() {}

    private static Command acl(String name, String syntax, String about) {
        return command("ACL|" + name, syntax).is(OPEN).since("6.0.0").about(about);
    }

    private static Command admin(String name, String syntax, String about) {
        return acl(name, syntax, about).is(Flag.ADMIN);
    }

    private static Session session(Call call) {
        return (Session) call.caller();
    }

    private static Reply setuser(Call call) {
        Args args = call.args();
        if (Rules.hasSpaces(Rules.rule(args.bytes(2)))) {
            throw new CommandException("ERR Usernames can't contain spaces or null characters");
        }
        List<String> rules = new ArrayList<>();
        for (int i = 3; i < args.count(); i++) {
            rules.add(Rules.rule(args.bytes(i)));
        }
        String error = Acl.of(call).setUser(args.text(2), rules);
        if (error != null) {
            throw new CommandException("ERR " + error.replace('\r', ' ').replace('\n', ' '));
        }
        return Reply.OK;
    }

    private static Reply deluser(Call call) {
        Args args = call.args();
        for (int i = 2; i < args.count(); i++) {
            if (args.text(i).equals(Acl.DEFAULT)) {
                throw new CommandException("ERR The 'default' user cannot be removed");
            }
        }
        int deleted = 0;
        for (int i = 2; i < args.count(); i++) {
            if (Acl.of(call).delete(args.text(i), session(call))) {
                deleted++;
            }
        }
        return Reply.integer(deleted);
    }

    private static Reply getuser(Call call) {
        User user = Acl.of(call).find(call.args().text(2));
        if (user == null) {
            return Reply.Nil.BULK;
        }
        List<Reply> fields = new ArrayList<>();
        fields.add(Reply.bulk("flags"));
        fields.add(new Reply.Set(bulks(user.flags())));
        fields.add(Reply.bulk("passwords"));
        fields.add(Reply.array(bulks(List.copyOf(user.passwords()))));
        describe(user.root(), fields);
        List<Reply> others = new ArrayList<>();
        for (Selector selector : user.selectors().subList(1, user.selectors().size())) {
            List<Reply> other = new ArrayList<>();
            describe(selector, other);
            others.add(new Reply.Map(other));
        }
        fields.add(Reply.bulk("selectors"));
        fields.add(Reply.array(others));
        return new Reply.Map(fields);
    }

    private static void describe(Selector selector, List<Reply> fields) {
        fields.add(Reply.bulk("commands"));
        fields.add(Reply.bulk(Rules.bytes(selector.commandRules())));
        fields.add(Reply.bulk("keys"));
        fields.add(Reply.bulk(Rules.bytes(selector.keyRules())));
        fields.add(Reply.bulk("channels"));
        fields.add(Reply.bulk(Rules.bytes(selector.channelRules())));
    }

    private static List<Reply> bulks(List<String> texts) {
        List<Reply> bulks = new ArrayList<>();
        texts.forEach(text -> bulks.add(Reply.bulk(text)));
        return bulks;
    }

    private static Reply list(Call call) {
        List<Reply> lines = new ArrayList<>();
        for (User user : Acl.of(call).users()) {
            String line = "user " + Rules.ofText(user.name()) + " " + user.rules();
            lines.add(Reply.bulk(Rules.bytes(line)));
        }
        return Reply.array(lines);
    }

    private static Reply users(Call call) {
        return Reply.array(bulks(Acl.of(call).users().stream().map(User::name).toList()));
    }

    private static Reply load(Call call) {
        String errors = UserFile.load(Acl.of(call), requireFile(call), session(call));
        if (errors != null) {
            throw new CommandException("ERR " + errors);
        }
        return Reply.OK;
    }

    private static Reply save(Call call) {
        try {
            UserFile.save(Acl.of(call), requireFile(call));
        } catch (IOException e) {
            LOG.log(Level.WARNING, e, () -> "the ACL file cannot be written");
            throw new CommandException(
                    "ERR There was an error trying to save the ACLs. Please check the server logs"
                            + " for more information");
        }
        return Reply.OK;
    }

    private static String requireFile(Call call) {
        String file = call.config().text("aclfile");
        if (file.isEmpty()) {
            throw new CommandException(
                    "ERR This Redis instance is not configured to use an ACL file. You may want to"
                            + " specify users via the ACL SETUSER command and then issue a CONFIG"
                            + " REWRITE (assuming you have a Redis configuration file set) in order"
                            + " to store users in the Redis configuration.");
        }
        return file;
    }

    private static Reply cat(Call call) {
        if (call.count() > 3) {
            throw Errors.subcommandSyntax(call.args().text(1), "ACL");
        }
        if (call.count() == 2) {
            List<Reply> names = new ArrayList<>();
            for (AclCategory category : AclCategory.values()) {
                names.add(Reply.bulk(category.lowerName()));
            }
            return Reply.array(names);
        }
        AclCategory category = AclCategory.find(call.args().text(2));
        if (category == null) {
            throw new CommandException(
                    "ERR Unknown category '" + Errors.clip(call.args().text(2)) + "'");
        }
        List<Reply> names = new ArrayList<>();
        for (Command command : Acl.of(call).table().allWithSubcommands()) {
            if (command.aclCategories().contains(category)) {
                names.add(Reply.bulk(command.lowerName()));
            }
        }
        return Reply.array(names);
    }

    private static Reply genpass(Call call) {
        if (call.count() > 3) {
            throw Errors.subcommandSyntax(call.args().text(1), "ACL");
        }
        long bits = call.count() == 3 ? call.args().integer(2) : PASSWORD_BITS;
        if (bits <= 0 || bits > PASSWORD_BITS_MAX) {
            throw new CommandException(
                    "ERR ACL GENPASS argument must be the number of bits for the output password, a"
                            + " positive number up to "
                            + PASSWORD_BITS_MAX);
        }
        SecureRandom random = new SecureRandom();
        StringBuilder password = new StringBuilder();
        for (long i = 0; i < (bits + 3) / 4; i++) {
            password.append(Character.forDigit(random.nextInt(16), 16));
        }
        return Reply.bulk(password.toString());
    }

    private static Reply log(Call call) {
        if (call.count() > 3) {
            throw Errors.subcommandSyntax(call.args().text(1), "ACL");
        }
        AclLog log = Acl.of(call).log();
        if (call.args().is(2, "RESET")) {
            log.clear();
            return Reply.OK;
        }
        return log.newest(call.count() == 3 ? call.args().integer(2) : LOG_ENTRIES);
    }

    private static Reply dryrun(Call call) {
        Args args = call.args();
        Acl acl = Acl.of(call);
        User user = acl.find(args.text(2));
        if (user == null) {
            throw new CommandException("ERR User '" + args.text(2) + "' not found");
        }
        List<byte[]> words = args.words();
        Args inner = Args.of(words.subList(3, words.size()));
        Command command = find(acl.table(), inner);
        if (command == null) {
            throw new CommandException("ERR Command '" + args.text(3) + "' not found");
        }
        if (!command.acceptsCount(inner.count())) {
            throw Errors.wrongNumberOfArguments(command.lowerName());
        }
        Denial denial = user.denial(command, inner);
        return denial == null
                ? Reply.OK
                : Reply.bulk(Acl.fullMessage(denial, user, command, inner));
    }

    /** The row that the words name; a container without a known subcommand is none. */
    private static Command find(CommandTable table, Args words) {
        Command command = table.find(words.slice(0));
        if (command == null || command.subcommands().isEmpty() || words.count() == 1) {
            return command;
        }
        Command sub = table.findSub(command, words.slice(1));
        return sub == null && command.body() != null ? command : sub;
    }

    private static Reply help(Call call) {
        Reply.Tape tape = call.tape().array(HELP.length);
        for (String line : HELP) {
            tape.status(line);
        }
        return tape;
    }
}
