package dev.larder.store.engine;

import dev.larder.store.StoreConfig;
import dev.larder.store.acl.Acl;
import dev.larder.store.acl.AclLog;
import dev.larder.store.acl.Denial;
import dev.larder.store.command.Args;
import dev.larder.store.command.Call;
import dev.larder.store.command.Category;
import dev.larder.store.command.Command;
import dev.larder.store.command.CommandException;
import dev.larder.store.command.CommandTable;
import dev.larder.store.command.Errors;
import dev.larder.store.command.Flag;
import dev.larder.store.command.Host;
import dev.larder.store.journal.Effect;
import dev.larder.store.journal.Journal;
import dev.larder.store.keyspace.Clock;
import dev.larder.store.keyspace.Keyspace;
import dev.larder.store.keyspace.WrongTypeException;
import dev.larder.store.reply.Reply;
import dev.larder.store.value.Slice;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.random.RandomGenerator;

/**
 * When commands run: one at a time, each whole. Takes a request from a client, admits or refuses
 * it, runs its body, tells the journal, watchers and waiters what has changed, and sends the reply.
 *
 * <p>Belongs to one thread, that of its shard; nothing here is synchronized.
 */
public final class Engine implements Host, Acl.Keeper {
    /*
     * The way of a command: find its row → Admission (one line each: known, arity, authenticated,
     * allowed here …) → queue it when in MULTI → run the body → journal and statistics → send. Then
     * whoever waits for a key that has changed is served, by running his body again.
     *
     * A refusal is a CommandException and is caught in `run`, nowhere else. Any other exception is a
     * bug of ours: it is logged with the command, answered as such, and the server goes on.
     */
    private static final int FIELDS_AT_ONCE = 128;
    private static final Logger LOG = Logger.getLogger(Engine.class.getName());

    /** An attack is logged once in so long, or the log would be the attack. */
    private static final long CROSS_PROTOCOL_LOG_MILLIS = 60_000;

    /** Hears of keyspace events; pub/sub turns them into messages. */
    @FunctionalInterface
    public interface EventListener {
        void happened(int database, Slice key, char eventClass, String event);
    }

    private final StoreConfig config;
    private final CommandTable table;
    private final Clock clock;
    private final RandomGenerator random;
    private final Keyspace[] databases;
    private final Journal journal = new Journal();
    private final Waiting waiting = new Waiting();
    private final Transactions transactions;
    private final Acl acl;
    private final Pause pause;
    private final Admission admission;
    private final Statistics statistics;
    private final LatencyEvents latency;
    private final Debug debug = new Debug();
    private final MemoryLimit memory;
    private final Map<Long, Client> clients = new LinkedHashMap<>();
    private final Map<Class<?>, Object> parts = new HashMap<>();
    private Call call;
    private Call callBeside;
    private final Keyspace.Observer keyspaceObserver = new KeyspaceObserver();
    private final List<EventListener> eventListeners = new ArrayList<>();
    private final Deque<Runnable> later = new ArrayDeque<>();
    private Onlooker[] onlookers = {};
    private Runnable afterCommand = () -> {};
    private Consumer<Client> attendant;
    private volatile boolean halted;
    private final List<Background> background = new ArrayList<>();
    private Runnable stop = () -> {};
    private Runnable stopping = () -> {};
    private Runnable flushedAll = () -> {};
    private Runnable beforeSending = () -> {};
    private LongConsumer deadlineListener = _ -> {};
    private SlowListener slow = (_, _, _) -> {};
    private long slowNanos = Long.MAX_VALUE;
    private long nextClientId = 1;
    private boolean retrying;
    private long crossProtocolLoggedAt;

    public Engine(StoreConfig config, CommandTable table, Clock clock, RandomGenerator random) {
        this.config = config;
        this.table = table;
        this.clock = clock;
        this.random = random;
        this.databases = new Keyspace[(int) config.integer("databases")];
        long seed = random.nextLong();
        for (int i = 0; i < databases.length; i++) {
            databases[i] = new Keyspace(i, clock, seed, random, keyspaceObserver);
        }
        this.transactions = new Transactions(this);
        this.acl = new Acl(config, table, clock, clients::values);
        this.admission = new Admission(acl);
        this.statistics = new Statistics(clock);
        this.latency = new LatencyEvents(config, clock);
        statistics.tracksLatency(config.latencyTracking());
        config.onChange("latency-tracking", value -> statistics.tracksLatency(value.equals("yes")));
        this.call = new Call(this);
        this.pause = new Pause(this);
        new NoTouch(this);
        this.memory = new MemoryLimit(config, databases, random, this::evicted);
        inBackground(memory::goOn);
    }

    // What it lends.

    @Override
    public Keyspace database(int index) {
        return databases[index];
    }

    @Override
    public int databases() {
        return databases.length;
    }

    @Override
    public Clock clock() {
        return clock;
    }

    @Override
    public RandomGenerator random() {
        return random;
    }

    @Override
    public StoreConfig config() {
        return config;
    }

    @Override
    public boolean isJournalled() {
        return journal.isHeard();
    }

    public CommandTable table() {
        return table;
    }

    public Journal journal() {
        return journal;
    }

    public Statistics statistics() {
        return statistics;
    }

    /** What took longer than it should. */
    public LatencyEvents latency() {
        return latency;
    }

    /** The switches of DEBUG, and the place to add a word to it. */
    public Debug debug() {
        return debug;
    }

    /** What the store takes and may take. */
    public MemoryLimit memory() {
        return memory;
    }

    public Transactions transactions() {
        return transactions;
    }

    @Override
    public Acl acl() {
        return acl;
    }

    /** Clients that are connected, by id, oldest first. */
    public Map<Long, Client> clients() {
        return clients;
    }

    /** Keys that somebody waits for. */
    public int waitedKeys() {
        return waiting.keys();
    }

    /** Keys that somebody waits for who hears of it when they go, as readers of a group do. */
    public int waitedGroupKeys() {
        return waiting.groupKeys();
    }

    /** Clients that wait until a time. */
    public int timedClients() {
        return waiting.timed();
    }

    public int waitingClients() {
        return waiting.clients() + pause.heldClients();
    }

    /** Adds a part of a subsystem (pub/sub, scripts), to be found by its class. */
    public <T> void add(Class<T> type, T part) {
        parts.put(type, part);
    }

    public <T> T part(Class<T> type) {
        return type.cast(parts.get(type));
    }

    public void onEvent(EventListener listener) {
        eventListeners.add(listener);
    }

    /** Shows {@code onlooker} all that happens from now on; it is shown nothing twice. */
    public void watch(Onlooker onlooker) {
        unwatch(onlooker);
        Onlooker[] more = Arrays.copyOf(onlookers, onlookers.length + 1);
        more[onlookers.length] = onlooker;
        onlookers = more;
    }

    public void unwatch(Onlooker onlooker) {
        onlookers =
                Arrays.stream(onlookers).filter(each -> each != onlooker).toArray(Onlooker[]::new);
    }

    /** Runs {@code action} when the commands that have come together are done. */
    public void later(Runnable action) {
        later.add(action);
    }

    /** What must be done before a part of the replies is sent, ahead of the end of the batch. */
    public void beforeSending(Runnable action) {
        beforeSending = action;
    }

    public void beforeSending() {
        beforeSending.run();
    }

    /** To be called when all commands that came together have run, before replies are sent. */
    public void endBatch() {
        Runnable next;
        while ((next = later.poll()) != null) {
            next.run();
        }
        for (Onlooker onlooker : onlookers) {
            onlooker.batchEnded();
        }
    }

    private boolean isHeld(Client client, Command command, Args args) {
        for (Onlooker onlooker : onlookers) {
            if (onlooker.holds(client, command, args)) {
                return true;
            }
        }
        return false;
    }

    private void before(Call call, Client client) {
        for (Onlooker onlooker : onlookers) {
            onlooker.before(call, client);
        }
    }

    private void after(Call call, Client client, Reply reply) {
        for (Onlooker onlooker : onlookers) {
            onlooker.after(call, client, reply);
        }
    }

    /** Hears of commands that took long. */
    @FunctionalInterface
    public interface SlowListener {
        /** The words of {@code call} are still there. */
        void ran(Call call, Client client, long nanos);
    }

    /** Has {@code listener} told of every command that takes {@code nanosLeast} or longer. */
    public void onSlow(long nanosLeast, SlowListener listener) {
        slowNanos = nanosLeast;
        slow = listener;
    }

    /** Work that is done between commands, a little at a time. */
    @FunctionalInterface
    public interface Background {
        /** Works for about {@code budgetNanos}; says whether there is more to do at once. */
        boolean work(long budgetNanos);
    }

    /** Has {@code work} called about every 100 ms, and sooner while it has more to do. */
    public void inBackground(Background work) {
        background.add(work);
    }

    /** Does what is to be done between commands; whether there is more to do at once. */
    public boolean workInBackground(long budgetNanos) {
        boolean more = false;
        for (Background work : background) {
            more |= work.work(budgetNanos);
        }
        return more;
    }

    /** How to end this process or this embedded store, as SHUTDOWN does. */
    public void onStop(Runnable action) {
        stop = action;
    }

    public void stop() {
        halt();
        stop.run();
    }

    /** What to do on the engine's thread before it ends. */
    public void onStopping(Runnable action) {
        stopping = action;
    }

    /** To be called on the engine's thread before it ends, however that came. */
    public void stopping() {
        stopping.run();
    }

    /** What to do when all databases have been emptied on request. */
    public void onFlushAll(Runnable action) {
        flushedAll = action;
    }

    public void flushedAll() {
        flushedAll.run();
    }

    /**
     * Refuses commands that write with the error that is given then; one of null admits the
     * command, null itself all of them.
     */
    public void refuseWrites(Supplier<String> error) {
        admission.refuseWrites(error);
    }

    /** Sets who refuses commands by the state of replication; null for nobody. */
    public void gate(Gate keeper) {
        admission.gate(keeper);
    }

    /**
     * The error of a script by the state of replication, or null.
     *
     * @param writes whether it may write by its own word
     * @param needsFreshData whether it may not run on data that may be stale
     */
    public String scriptRefusal(Client client, boolean writes, boolean needsFreshData) {
        return admission.scriptRefusal(client, writes, needsFreshData);
    }

    /** Sends what commands have said that ran outside of any connection's turn. */
    public void flush() {
        afterCommand.run();
    }

    /**
     * Ends the waiting of a client with that reply; nothing for one that does not wait for keys.
     */
    public void endWaiting(Client client, Reply reply) {
        Waiting.Ticket ticket = client.waiting;
        if (ticket != null) {
            waiting.remove(ticket);
            statistics.waited(ticket.command, reply);
            answer(client, reply);
            client.resume();
        }
    }

    /** Changes what a waiting client is answered when its time is over. */
    public void answerInstead(Client client, Reply reply) {
        if (client.waiting != null) {
            Reply.Wait wait = client.waiting.wait;
            client.waiting.wait =
                    new Reply.Wait(wait.keys(), wait.timeoutMillis(), reply, wait.again());
        }
    }

    /**
     * Who serves the other clients while a command keeps the thread; it is told whose command that
     * is.
     */
    public void onBusy(Consumer<Client> server) {
        attendant = server;
    }

    /**
     * Serves the other clients from within a command that keeps the thread, where there is somebody
     * to do so.
     *
     * @param client whose command it is
     * @param refusal the error of all commands that may not run meanwhile
     * @return whether they were served
     */
    public boolean serveBeside(Client client, String refusal) {
        if (attendant == null) {
            return false;
        }
        Call running = call;
        if (callBeside == null) {
            callBeside = new Call(this);
        }
        call = callBeside;
        admission.busy(refusal);
        try {
            attendant.accept(client);
        } finally {
            admission.busy(null);
            call = running;
        }
        return true;
    }

    /** The error of commands that may not run beside a busy one; null where none is busy. */
    public String busy() {
        return admission.busy();
    }

    /** Asks a command that keeps the thread to end, because the store does; from any thread. */
    public void halt() {
        halted = true;
    }

    public boolean isHalted() {
        return halted;
    }

    /** The engine that runs this command. */
    public static Engine of(Call call) {
        return (Engine) call.host();
    }

    // Clients come and go.

    /** An id that no other server has: 40 hexadecimal digits drawn by chance. */
    public String freshId() {
        StringBuilder id = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            id.append(Character.forDigit(random.nextInt(16), 16));
        }
        return id.toString();
    }

    public long newClientId() {
        return nextClientId++;
    }

    public void connected(Client client) {
        acl.begin(client);
        clients.put(client.id(), client);
        statistics.connected();
    }

    public void disconnected(Client client) {
        clients.remove(client.id());
        transactions.unwatch(client);
        if (client.waiting != null) {
            waiting.remove(client.waiting);
        }
        unsubscribeAll(client);
    }

    /** Ends all that a client listens to, as when it resets its connection. */
    void unsubscribeAll(Client client) {
        for (Object part : parts.values()) {
            if (part instanceof ClientObserver observer) {
                observer.disconnected(client);
            }
        }
    }

    /** A part that wants to know when a client goes. */
    public interface ClientObserver {
        void disconnected(Client client);
    }

    // The way of a command.

    /** Runs one request of {@code client} and sends it the reply. */
    public void execute(Client client, Args args) {
        Command command = find(args);
        String refusal = admission.refusal(client, command, args);
        if (refusal != null) {
            if (command == null && isCrossProtocol(args)) {
                abortCrossProtocol(client);
                return;
            }
            refuse(client, command, refusal);
            return;
        }
        client.asks(command, clock.millis());
        if (onlookers.length != 0 && isHeld(client, command, args)) {
            return;
        }
        if (memory.isSet()
                && !client.isMaster()
                && memory.cannotMakeRoom()
                && transactions.needsMemory(client, command)) {
            refuse(client, command, Errors.OUT_OF_MEMORY);
            return;
        }
        if (client.inTransaction() && !Transactions.runsAtOnce(command)) {
            transactions.queue(client, command, args);
            answer(client, Reply.QUEUED);
            return;
        }
        Reply reply = run(call, command, args, client);
        clock.refreshIfOld();
        if (reply instanceof Reply.Wait wait) {
            long deadline =
                    wait.timeoutMillis() == 0
                            ? 0
                            : Math.max(1, clock.millis() + wait.timeoutMillis());
            Args again = wait.again() == null ? args.copy() : Args.of(wait.again());
            waiting.add(
                    new Waiting.Ticket(client, command, again, wait, client.database(), deadline));
            if (deadline != 0) {
                deadlineListener.accept(deadline);
            }
        } else {
            answer(client, reply);
        }
        if (waiting.hasReady()) {
            serveWaiting();
        }
    }

    private static String withoutErr(String error) {
        return error.startsWith("ERR ") ? error.substring("ERR ".length()) : error;
    }

    private void refuse(Client client, Command command, String refusal) {
        String text = refusal;
        if (client.inTransaction()) {
            client.queueRefused = true;
        }
        if (command != null && command.name().equals("EXEC")) {
            transactions.end(client);
            text = "EXECABORT Transaction discarded because of: " + withoutErr(refusal);
        }
        statistics.refused(command, refusal);
        answer(client, new Reply.Failure(text));
    }

    /**
     * The row that a request names, or null. A container that has a body of its own takes a
     * subcommand that it does not know.
     */
    private Command find(Args args) {
        Command command = table.find(args.slice(0));
        if (command == null || command.subcommands().isEmpty() || args.count() == 1) {
            return command;
        }
        Command found = table.findSub(command, args.slice(1));
        return found == null ? command : found;
    }

    /**
     * Whether this is a line of HTTP that cannot be meant for us: a web page makes a browser post
     * commands of ours to its own machine.
     */
    private static boolean isCrossProtocol(Args args) {
        return args.is(0, "POST") || args.is(0, "HOST:");
    }

    private void abortCrossProtocol(Client client) {
        if (clock.millis() - crossProtocolLoggedAt > CROSS_PROTOCOL_LOG_MILLIS) {
            crossProtocolLoggedAt = clock.millis();
            LOG.warning(
                    "Possible SECURITY ATTACK detected. It looks like somebody is sending POST or"
                            + " Host: commands to Redis. This is likely due to an attacker"
                            + " attempting to use Cross Protocol Scripting to compromise your Redis"
                            + " instance. Connection from "
                            + client.address()
                            + " aborted.");
        }
        client.closeNow();
    }

    private void answer(Client client, Reply reply) {
        if (client.replyMode() == Client.ReplyMode.ON) {
            client.send(reply);
            return;
        }
        // The confirmation of a subscription is a message, which no CLIENT REPLY holds back.
        if (reply instanceof Reply.Many || reply instanceof Reply.Push) {
            client.send(reply);
        }
        switch (client.replyMode()) {
            case SKIP_NEXT -> client.replyMode(Client.ReplyMode.SKIPPING);
            case SKIPPING -> client.replyMode(Client.ReplyMode.ON);
            case OFF, ON -> {}
        }
    }

    /** Runs an admitted command and does what follows from its changes. */
    Reply run(Call call, Command command, Args args, Client client) {
        return run(call, command, args, client, true);
    }

    private Reply run(Call call, Command command, Args args, Client client, boolean journalled) {
        call.begin(command, args, client);
        if (onlookers.length != 0) {
            before(call, client);
        }
        long began = clock.nanos();
        Reply reply;
        try {
            reply = command.body().run(call);
        } catch (CommandException refused) {
            reply = new Reply.Failure(refused.getMessage());
        } catch (WrongTypeException _) {
            reply = new Reply.Failure(Errors.WRONG_TYPE);
        } catch (OutOfMemoryError | RuntimeException bug) {
            LOG.log(Level.SEVERE, bug, () -> "command " + command.name() + " failed");
            reply = new Reply.Failure(Errors.INTERNAL);
        }
        long nanos = clock.lap() - began;
        statistics.ran(command, nanos, reply);
        if (nanos >= slowNanos && !(reply instanceof Reply.Wait)) {
            slow.ran(call, client, nanos);
        }
        call.db().settle();
        if (call.changes() > 0) {
            statistics.changed(call.changes());
            if (journalled && journal.isHeard()) {
                for (List<byte[]> words : call.effects()) {
                    journal.append(new Effect(client.database(), words));
                }
            }
        }
        if (onlookers.length != 0) {
            after(call, client, reply);
        }
        return reply;
    }

    /**
     * Runs a command that an append-only file repeats: nothing refuses it, and no journal hears of
     * it. An error is no matter, as on the real servers.
     *
     * @param own the call to run it by, for another command may be running
     * @return false where there is no such command
     */
    public boolean replay(Call own, Client client, Args args) {
        Command command = row(args);
        if (command == null || command.body() == null || !command.acceptsCount(args.count())) {
            return false;
        }
        own.begin(command, args, client);
        try {
            command.body().run(own);
        } catch (CommandException | WrongTypeException e) {
            LOG.fine(() -> "replaying " + command.name() + ": " + e.getMessage());
        }
        own.db().settle();
        return true;
    }

    /** Whether a client may run these words; null where they name no command. */
    public Boolean mayRun(Client client, Args args) {
        Command command = row(args);
        return command == null ? null : client.user().denial(command, args) == null;
    }

    /**
     * Runs a command for a script: the same checks, the same body, no waiting. The reply is valid
     * until the next one.
     */
    public Reply runNested(Nesting nesting, Args args) {
        Command command = row(args);
        String refusal = refusal(nesting, command, args);
        if (refusal != null) {
            statistics.refused(command, refusal);
            return new Reply.Failure(refusal);
        }
        if (command.writes()) {
            nesting.wrote = true;
        }
        Reply reply = run(nesting.call, command, args, nesting.client, nesting.journalled);
        return reply instanceof Reply.Wait wait ? wait.refused() : reply;
    }

    /**
     * The row that the words name; null where there is none, be it that only the subcommand is
     * unknown.
     */
    private Command row(Args args) {
        Command command = find(args);
        boolean unknownSub =
                command != null
                        && !command.subcommands().isEmpty()
                        && command.body() == null
                        && args.count() > 1;
        return unknownSub ? null : command;
    }

    private String refusal(Nesting nesting, Command command, Args args) {
        if (command == null) {
            return "ERR Unknown Redis command called from script";
        }
        if (command.body() == null || !command.acceptsCount(args.count())) {
            return "ERR Wrong number of args calling Redis command from script";
        }
        if (command.refusesInScript() && debug.deniesScripts()) {
            return "ERR This Redis command is not allowed from script";
        }
        Client client = nesting.client;
        String stale = admission.staleRefusal(client, command);
        if (stale != null) {
            return stale;
        }
        if (!client.user().isUnlimited()) {
            Denial denial = acl.check(client, command, args, AclLog.Context.LUA);
            if (denial != null) {
                return "ERR ACL failure in script: " + Acl.message(denial, client.user(), command);
            }
        }
        if (nesting.readOnly && (command.writes() || command.has(Flag.MAY_REPLICATE))) {
            return "ERR Write commands are not allowed from read-only scripts.";
        }
        // A script that has begun to write is not stopped in the middle.
        if (nesting.wrote) {
            return null;
        }
        String closed = command.writes() ? admission.scriptRefusal(client, true, false) : null;
        if (closed != null) {
            return closed;
        }
        if (memory.isExceeded() && !nesting.mayExceedMemory && command.has(Flag.DENYOOM)) {
            return Errors.OUT_OF_MEMORY;
        }
        return null;
    }

    /**
     * The database a running script has selected ends with it; EXEC and scripts need no waiting.
     */
    void serveWaiting() {
        while (waiting.hasReady()) {
            for (Waiting.Ready ready : waiting.takeReady()) {
                if (ready.ticket().client.waiting == ready.ticket() && !isTaken(ready)) {
                    retry(ready.ticket(), ready.key());
                }
            }
        }
        afterCommand.run();
    }

    /** Whether those who came before have taken all there was, so that the rest wait on. */
    private boolean isTaken(Waiting.Ready ready) {
        return ready.ticket().command.category() != Category.STREAM
                && !databases[ready.ticket().database].exists(ready.key());
    }

    private void retry(Waiting.Ticket ticket, Slice key) {
        Client client = ticket.client;
        if (!client.user().isUnlimited()) {
            String denial = admission.denial(client, ticket.command, ticket.args);
            if (denial != null) {
                statistics.refused(ticket.command, denial);
                waiting.remove(ticket);
                answer(client, new Reply.Failure(denial));
                client.resume();
                return;
            }
        }
        int selected = client.database();
        client.database(ticket.database);
        client.holdPushes();
        retrying = true;
        Reply reply = run(call, ticket.command, ticket.args, client);
        retrying = false;
        client.database(selected);
        if (!(reply instanceof Reply.Wait) && !isNoNews(ticket, key, reply)) {
            waiting.remove(ticket);
            answer(client, reply);
            client.resume();
        }
        client.releasePushes();
    }

    /** Whether the running command is one that has waited and was asked for before. */
    public boolean isRetrying() {
        return retrying;
    }

    /**
     * A key that meanwhile holds something else is no news to who waits for it, so his command is
     * not refused for that. Only the reader of a group is told, for his group is gone.
     */
    private boolean isNoNews(Waiting.Ticket ticket, Slice key, Reply reply) {
        if (!(reply instanceof Reply.Failure failure)
                || !failure.text().equals(Errors.WRONG_TYPE)
                || ticket.command.name().equals("XREADGROUP")) {
            return false;
        }
        String type = databases[ticket.database].type(key);
        return !type.equals(
                switch (ticket.command.category()) {
                    case LIST -> "list";
                    case SORTEDSET -> "zset";
                    case STREAM -> "stream";
                    default -> type;
                });
    }

    /**
     * Whom to tell when somebody waits until a time, so that {@link #expireWaiting} is called then.
     */
    public void onDeadline(LongConsumer listener) {
        deadlineListener = listener;
    }

    /** Has {@link #expireWaiting} called at that time, in milliseconds since 1970. */
    void wakeAt(long at) {
        deadlineListener.accept(at);
    }

    /** Ends the waiting of those whose time is over. */
    public void expireWaiting() {
        pause.expire();
        Waiting.Ticket ticket;
        while ((ticket = waiting.overdue(clock.millis())) != null) {
            waiting.remove(ticket);
            statistics.waited(ticket.command, ticket.wait.instead());
            answer(ticket.client, ticket.wait.instead());
            ticket.client.resume();
        }
        long next = waiting.nextDeadline();
        if (pause.isPaused() && (next == 0 || pause.until() < next)) {
            next = pause.until();
        }
        if (next != 0) {
            deadlineListener.accept(next);
        }
    }

    /** CLIENT UNBLOCK: ends the waiting of one client, as by its timeout or with an error. */
    public boolean unblock(Client client, boolean withError) {
        Waiting.Ticket ticket = client.waiting;
        if (ticket == null) {
            return false;
        }
        waiting.remove(ticket);
        Reply reply =
                withError
                        ? new Reply.Failure("UNBLOCKED client unblocked via CLIENT UNBLOCK")
                        : ticket.wait.instead();
        statistics.waited(ticket.command, reply);
        answer(client, reply);
        client.resume();
        return true;
    }

    // What follows from a change.

    @Override
    public void touched(Keyspace where, Slice key, char eventClass, String event) {
        transactions.touched(where.index(), key);
        awaited(where, key);
        for (Onlooker onlooker : onlookers) {
            onlooker.touched(where.index(), key);
        }
        if (eventClass != ' ') {
            happened(where, key, eventClass, event);
        }
    }

    @Override
    public void awaited(Keyspace where, Slice key) {
        if (!waiting.isEmpty()) {
            waiting.touched(where.index(), key);
        }
    }

    @Override
    public void happened(Keyspace where, Slice key, char eventClass, String event) {
        for (int i = 0; i < eventListeners.size(); i++) {
            eventListeners.get(i).happened(where.index(), key, eventClass, event);
        }
    }

    @Override
    public void replaced(Keyspace before, Keyspace after) {
        transactions.replaced(before, after);
        waiting.touchedAll(before.index());
        for (Onlooker onlooker : onlookers) {
            onlooker.touchedAll(before.index());
        }
    }

    /** What the databases say of themselves. */
    private final class KeyspaceObserver implements Keyspace.Observer {
        @Override
        public void expired(Keyspace where, byte[] key) {
            Engine.this.expired(where, key);
        }

        @Override
        public void fieldsExpired(Keyspace where, Slice key, List<byte[]> fields, boolean gone) {
            statistics.expiredFields(fields.size());
            touched(where, key, 'h', "hexpired");
            if (gone) {
                happened(where, key, 'g', "del");
            }
            if (journal.isHeard()) {
                List<byte[]> words = new ArrayList<>(fields.size() + 2);
                words.add("HDEL".getBytes(StandardCharsets.US_ASCII));
                words.add(key.toBytes());
                words.addAll(fields);
                journal.append(new Effect(where.index(), words));
            }
        }

        @Override
        public void created(Keyspace where, Slice key) {
            happened(where, key, 'n', "new");
        }

        @Override
        public void missed(Keyspace where, Slice key) {
            happened(where, key, 'm', "keymiss");
        }
    }

    private void evicted(Keyspace where, byte[] key) {
        Slice slice = new Slice(key);
        if (!where.remove(slice)) {
            return;
        }
        statistics.evicted();
        touched(where, slice, 'e', "evicted");
        journalRemoval(where, key, config.evictionDeletion());
    }

    private void journalRemoval(Keyspace where, byte[] key, String deletion) {
        if (journal.isHeard()) {
            journal.append(
                    new Effect(
                            where.index(),
                            List.of(deletion.getBytes(StandardCharsets.US_ASCII), key)));
        }
    }

    private void expired(Keyspace where, byte[] key) {
        statistics.expired();
        Slice slice = new Slice(key);
        transactions.touched(where.index(), slice);
        if (!waiting.isEmpty()) {
            waiting.touched(where.index(), slice);
        }
        for (Onlooker onlooker : onlookers) {
            onlooker.expired(where.index(), slice);
        }
        happened(where, slice, 'x', "expired");
        journalRemoval(where, key, config.expiryDeletion());
    }

    /**
     * Removes expired keys, a few segments at a time, for at most {@code budgetNanos}; returns
     * whether there may be more.
     */
    public boolean sweepExpired(long budgetNanos) {
        if (!debug.activeExpire() || debug.cronPaused()) {
            return false;
        }
        long began = System.nanoTime();
        long until = began + budgetNanos;
        for (Keyspace db : databases) {
            while (db.sweep(1)) {
                if (System.nanoTime() >= until) {
                    sweptFor(System.nanoTime() - began);
                    return true;
                }
            }
            while (db.sweepFields(FIELDS_AT_ONCE)) {
                if (System.nanoTime() >= until) {
                    sweptFor(System.nanoTime() - began);
                    return true;
                }
            }
        }
        sweptFor(System.nanoTime() - began);
        if (waiting.hasReady()) {
            serveWaiting();
        }
        return false;
    }

    private void sweptFor(long nanos) {
        statistics.sweptFor(nanos);
        latency.took("expire-cycle", nanos);
    }

    @Override
    public void freedLater(long objects) {
        statistics.freedLater(objects);
    }

    // In process, for tests and for those who embed the store.

    /** Runs a command of {@code words} for {@code client}; the reply goes to it. */
    public void execute(Client client, List<byte[]> words) {
        execute(client, Args.of(words));
    }

    /** Called after waiting clients were served, so that their connections are flushed. */
    public void afterServing(Runnable action) {
        afterCommand = action;
    }

    static boolean isPermittedWhileSubscribed(Command command) {
        return command.category() == Category.PUBSUB
                        && !command.name().equals("PUBLISH")
                        && !command.name().startsWith("PUBSUB")
                || command.name().equals("PING")
                || command.name().equals("QUIT")
                || command.name().equals("RESET");
    }
}
