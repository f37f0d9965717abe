package dev.larder.store;

import dev.larder.store.acl.AclCommands;
import dev.larder.store.command.BitmapCommands;
import dev.larder.store.command.Family;
import dev.larder.store.command.GeoCommands;
import dev.larder.store.command.HashCommands;
import dev.larder.store.command.HashFieldCommands;
import dev.larder.store.command.HyperLogLogCommands;
import dev.larder.store.command.KeyCommands;
import dev.larder.store.command.LcsCommands;
import dev.larder.store.command.ListCommands;
import dev.larder.store.command.SetCommands;
import dev.larder.store.command.SortCommands;
import dev.larder.store.command.SortedSetCommands;
import dev.larder.store.command.StreamCommands;
import dev.larder.store.command.StringCommands;
import dev.larder.store.engine.ClientCommands;
import dev.larder.store.engine.ConnectionCommands;
import dev.larder.store.engine.Transactions;
import dev.larder.store.observe.ClusterCommands;
import dev.larder.store.observe.ConfigCommands;
import dev.larder.store.observe.DebugCommands;
import dev.larder.store.observe.LatencyCommands;
import dev.larder.store.observe.Lolwut;
import dev.larder.store.observe.MemoryCommands;
import dev.larder.store.observe.Monitor;
import dev.larder.store.observe.ServerCommands;
import dev.larder.store.observe.SlowLog;
import dev.larder.store.persistence.DumpCommands;
import dev.larder.store.persistence.FunctionDumpCommands;
import dev.larder.store.persistence.MigrateCommands;
import dev.larder.store.persistence.SaveCommands;
import dev.larder.store.pubsub.PubSub;
import dev.larder.store.replication.ReplicaCommands;
import dev.larder.store.replication.ReplicationCommands;
import dev.larder.store.script.FunctionCommands;
import dev.larder.store.script.ScriptCommands;
import dev.larder.store.tracking.TrackingCommands;
import java.util.List;

/** Every family of commands, listed: what is not here is no command. */
final class Families {
    static final List<Family> ALL =
            List.of(
                    StringCommands.ALL,
                    BitmapCommands.ALL,
                    HyperLogLogCommands.ALL,
                    LcsCommands.ALL,
                    KeyCommands.ALL,
                    SortCommands.ALL,
                    HashCommands.ALL,
                    HashFieldCommands.ALL,
                    SetCommands.ALL,
                    ListCommands.ALL,
                    SortedSetCommands.ALL,
                    GeoCommands.ALL,
                    StreamCommands.ALL,
                    DumpCommands.ALL,
                    SaveCommands.ALL,
                    MigrateCommands.ALL,
                    Transactions.ALL,
                    PubSub.ALL,
                    ScriptCommands.ALL,
                    FunctionCommands.ALL,
                    FunctionDumpCommands.ALL,
                    ConnectionCommands.ALL,
                    ClientCommands.ALL,
                    TrackingCommands.ALL,
                    AclCommands.ALL,
                    ServerCommands.ALL,
                    Monitor.ALL,
                    ConfigCommands.ALL,
                    DebugCommands.ALL,
                    SlowLog.ALL,
                    LatencyCommands.ALL,
                    MemoryCommands.ALL,
                    ReplicaCommands.ALL,
                    ReplicationCommands.ALL,
                    ReplicationCommands.WAITS,
                    ClusterCommands.ALL,
                    Lolwut.ALL);

    private Families() {}
}
