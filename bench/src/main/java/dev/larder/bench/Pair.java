package dev.larder.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Our store and the server it is compared with, if there is one. */
record Pair(Target ours, Optional<Target> peer, List<String> commands) implements AutoCloseable {
    static final String ALONE =
            "No redis-server on the PATH and no --peer: ours alone is measured"
                    + " (apt-get install redis-server).";

    static Pair start(Path root, Path logs, Options options) throws IOException {
        Target.Recipe recipe = Target.ours(root, options.heap(), options.heap(), logs);
        List<String> commands = new java.util.ArrayList<>(List.of(recipe.shown()));
        Target ours = recipe.start();
        try {
            Optional<String> running = options.runningPeer();
            if (running.isPresent()) {
                int colon = running.get().lastIndexOf(':');
                String host = running.get().substring(0, colon);
                int port = Integer.parseInt(running.get().substring(colon + 1));
                return new Pair(ours, Optional.of(Target.running(host, port)), commands);
            }
            Optional<Target.Recipe> peer = Target.peer(options.peer(), logs);
            if (peer.isEmpty()) {
                System.out.println(ALONE);
                return new Pair(ours, Optional.empty(), commands);
            }
            commands.add(peer.get().shown());
            return new Pair(ours, Optional.of(peer.get().start()), commands);
        } catch (IOException | RuntimeException e) {
            ours.close();
            throw e;
        }
    }

    /** Both; in odd rounds the other way round, so that neither always comes first. */
    List<Target> inOrder(int round) {
        if (peer.isEmpty()) {
            return List.of(ours);
        }
        return round % 2 == 0 ? List.of(ours, peer.get()) : List.of(peer.get(), ours);
    }

    @Override
    public void close() {
        ours.close();
        peer.ifPresent(Target::close);
    }
}
