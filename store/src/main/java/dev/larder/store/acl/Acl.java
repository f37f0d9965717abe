package dev.larder.store.acl;

import dev.larder.store.StoreConfig;
import dev.larder.store.command.Args;
import dev.larder.store.command.Call;
import dev.larder.store.command.Command;
import dev.larder.store.command.CommandTable;
import dev.larder.store.keyspace.Clock;
import dev.larder.store.value.Slice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Access control: the users, who is connected as whom, and the log of what was denied.
 *
 * <p>Every connection has a user from its first moment, the default one. While a user may do
 * everything, a command pays for access control one look at {@link User#isUnlimited()}.
 */
public final class Acl {
    static final String DEFAULT = "default";

    /** The engine, as the one that has access control. */
    public interface Keeper {
        Acl acl();
    }

    private final StoreConfig config;
    private final CommandTable table;
    private final Clock clock;
    private final Supplier<Collection<? extends Session>> sessions;
    private final AclLog log;
    private final Map<String, User> users = new TreeMap<>();

    /** One object for all time: connections refer to it. */
    private final User defaultUser;

    private long deniedCommands;
    private long deniedKeys;
    private long deniedChannels;
    private long deniedLogins;

    /**
     * @throws IllegalArgumentException for users in the configuration that cannot be made
     */
    public Acl(
            StoreConfig config,
            CommandTable table,
            Clock clock,
            Supplier<Collection<? extends Session>> sessions) {
        this.config = config;
        this.table = table;
        this.clock = clock;
        this.sessions = sessions;
        this.log = new AclLog(clock, () -> config.integer("acllog-max-len"));
        this.defaultUser = newDefaultUser();
        users.put(DEFAULT, defaultUser);
        requirePassword(config.text("requirepass"));
        config.onChange("requirepass", this::requirePassword);
        config.usersFrom(this::userLines);
        UserFile.loadConfigured(this, config.userLines());
        if (!config.text("aclfile").isEmpty()) {
            if (!config.userLines().isEmpty()) {
                throw new IllegalArgumentException(
                        "Configuring Redis with users defined in redis.conf and at the same setting"
                                + " an ACL file path is invalid. This setup is very likely to lead"
                                + " to configuration errors and security holes, please define"
                                + " either an ACL file or declare users directly in your"
                                + " redis.conf, but not both.");
            }
            String errors = UserFile.load(this, config.text("aclfile"));
            if (errors != null) {
                throw new IllegalArgumentException(
                        "Aborting Redis startup because of ACL errors: " + errors);
            }
        }
    }

    static Acl of(Call call) {
        return ((Keeper) call.host()).acl();
    }

    // Users.

    public User defaultUser() {
        return defaultUser;
    }

    /** By name; null for an unknown one. */
    public User find(String name) {
        return users.get(name);
    }

    Collection<User> users() {
        return users.values();
    }

    CommandTable table() {
        return table;
    }

    /** The place of a file, which is named from the working directory of the store. */
    Path path(String file) {
        return Path.of(config.text("dir")).resolve(file).toAbsolutePath();
    }

    AclLog log() {
        return log;
    }

    User newUser(String name) {
        return new User(name, table, config.text("acl-pubsub-default").equals("allchannels"));
    }

    User newDefaultUser() {
        User user = newUser(DEFAULT);
        for (String rule : List.of("+@all", "~*", "&*", "on", "nopass")) {
            applyOwn(user, rule);
        }
        return user;
    }

    private static void applyOwn(User user, String rule) {
        try {
            user.apply(rule);
        } catch (RuleException e) {
            throw new IllegalStateException(rule, e);
        }
    }

    void add(User user) {
        users.put(user.name(), user);
    }

    /** CONFIG SET requirepass: the password of the default user; none where it is empty. */
    private void requirePassword(String password) {
        applyOwn(defaultUser, "resetpass");
        applyOwn(defaultUser, password.isEmpty() ? "nopass" : ">" + Rules.ofText(password));
    }

    /** ACL SETUSER: applies all rules or none; returns what is wrong with one, or null. */
    String setUser(String name, List<String> rules) {
        User known = users.get(name);
        User staged = newUser(name);
        if (known != null) {
            staged.take(known);
        }
        try {
            for (String rule : Rules.merged(rules)) {
                try {
                    staged.apply(rule);
                } catch (RuleException e) {
                    return "Error in ACL SETUSER modifier '"
                            + Rules.text(rule)
                            + "': "
                            + e.getMessage();
                }
            }
        } catch (RuleException unmatched) {
            return unmatched.getMessage();
        }
        if (known == null) {
            users.put(name, staged);
        } else {
            closeListeners(known, staged, known);
            known.take(staged);
        }
        return null;
    }

    /** Closes the connections of {@code user} that listen to what {@code now} forbids. */
    private void closeListeners(User user, User now, User before) {
        if (now.listensToAllOf(before)) {
            return;
        }
        for (Session session : List.copyOf(sessions.get())) {
            if (session.user() == user && listensToForbidden(session, now)) {
                session.closeNow();
            }
        }
    }

    private static boolean listensToForbidden(Session session, User user) {
        return anyForbidden(session.patterns(), user, true)
                || anyForbidden(session.channels(), user, false)
                || anyForbidden(session.shardChannels(), user, false);
    }

    private static boolean anyForbidden(Collection<Slice> names, User user, boolean patterns) {
        return names.stream().anyMatch(name -> !user.mayListenTo(name, patterns));
    }

    /** ACL DELUSER; closes his connections. {@code asking} is closed after its reply. */
    boolean delete(String name, Session asking) {
        User user = users.remove(name);
        if (user == null) {
            return false;
        }
        for (Session session : List.copyOf(sessions.get())) {
            if (session.user() == user) {
                drop(session, asking);
            }
        }
        return true;
    }

    private void drop(Session session, Session asking) {
        session.user(defaultUser);
        session.authenticated(false);
        if (session == asking) {
            session.closeAfterReply();
        } else {
            session.closeNow();
        }
    }

    /**
     * Puts other users in the place of all there are. Connections go on as the user of the same
     * name; those of users that are gone, or that listen to what is now forbidden, are closed.
     */
    void replaceAll(Map<String, User> loaded, Session asking) {
        User before = defaultUser.copy(DEFAULT, false);
        User newDefault = loaded.get(DEFAULT);
        defaultUser.take(newDefault == null ? newDefaultUser() : newDefault);
        users.clear();
        users.putAll(loaded);
        users.put(DEFAULT, defaultUser);
        for (Session session : List.copyOf(sessions.get())) {
            User old = session.user() == defaultUser ? before : session.user();
            User now = users.get(old.name());
            if (now == null) {
                drop(session, asking);
            } else if (!now.listensToAllOf(old) && listensToForbidden(session, now)) {
                drop(session, asking);
            } else {
                session.user(now);
            }
        }
    }

    /** Every user as a line of a configuration file, without the word user. */
    private List<String> userLines() {
        List<String> lines = new ArrayList<>();
        users.forEach((name, user) -> lines.add(name + " " + Rules.text(user.rules())));
        return lines;
    }

    // Who is who.

    /** Gives a new connection, or one that begins anew, the default user. */
    public void begin(Session session) {
        session.user(defaultUser);
        session.authenticated(!asksForPassword());
    }

    /** Whether who has not logged in may do nothing. */
    public boolean asksForPassword() {
        return !defaultUser.needsNoPassword() || !defaultUser.isEnabled();
    }

    /** AUTH: whether {@code session} is now this user. {@code command} is the word it came by. */
    public boolean authenticate(Session session, String name, Slice password, Slice command) {
        User user = users.get(name);
        if (user != null && user.isEnabled() && user.accepts(password.toBytes())) {
            session.user(user);
            session.authenticated(true);
            return true;
        }
        deniedLogins++;
        log.add(
                "auth",
                session.inTransaction() ? AclLog.Context.MULTI : AclLog.Context.TOPLEVEL,
                Rules.rule(command.toBytes()),
                name,
                session.line(clock.millis()));
        return false;
    }

    // Who may what.

    /** Why this session may not run these words, which is noted; null where it may. */
    public Denial check(Session session, Command command, Args args, AclLog.Context context) {
        Denial denial = session.user().denial(command, args);
        if (denial != null) {
            String object =
                    switch (denial.reason()) {
                        case COMMAND -> {
                            deniedCommands++;
                            yield command.lowerName();
                        }
                        case KEY -> {
                            deniedKeys++;
                            yield Rules.rule(args.bytes(denial.position()));
                        }
                        case CHANNEL -> {
                            deniedChannels++;
                            yield Rules.rule(args.bytes(denial.position()));
                        }
                    };
            String reason = denial.reason().name().toLowerCase(java.util.Locale.ROOT);
            log.add(reason, context, object, session.user().name(), session.line(clock.millis()));
        }
        return denial;
    }

    /** A denial in the words of an error, without its code; names no key or channel. */
    public static String message(Denial denial, User user, Command command) {
        return switch (denial.reason()) {
            case COMMAND -> commandMessage(user, command);
            case KEY -> "No permissions to access a key";
            case CHANNEL -> "No permissions to access a channel";
        };
    }

    private static String commandMessage(User user, Command command) {
        return "User "
                + user.name()
                + " has no permissions to run the '"
                + command.lowerName()
                + "' command";
    }

    /** The same for ACL DRYRUN, which names the word. */
    static String fullMessage(Denial denial, User user, Command command, Args args) {
        String what =
                switch (denial.reason()) {
                    case COMMAND -> null;
                    case KEY -> "key";
                    case CHANNEL -> "channel";
                };
        return what == null
                ? commandMessage(user, command)
                : "User "
                        + user.name()
                        + " has no permissions to access the '"
                        + args.text(denial.position())
                        + "' "
                        + what;
    }

    // For INFO.

    public long deniedCommands() {
        return deniedCommands;
    }

    public long deniedKeys() {
        return deniedKeys;
    }

    public long deniedChannels() {
        return deniedChannels;
    }

    public long deniedLogins() {
        return deniedLogins;
    }

    /** CONFIG RESETSTAT. */
    public void resetCounts() {
        deniedCommands = 0;
        deniedKeys = 0;
        deniedChannels = 0;
        deniedLogins = 0;
    }
}
