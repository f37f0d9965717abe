package dev.larder.laboratory;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * The connections of one lane. There are as many as its callers use at a time, which the lane's
 * places bound, and one for each partition that a write-behind worker holds; each caller connects
 * for itself and hears at once when that fails, so what a lane shows while the database is down is
 * the database and not a pool's patience. A connection on which something failed is not used again.
 */
final class LaneConnections implements Rows.Connections, AutoCloseable {

    private final String url;
    private final Properties properties = new Properties();
    private final ConcurrentLinkedDeque<Connection> idle = new ConcurrentLinkedDeque<>();
    private volatile boolean closed;

    LaneConnections(String url, String user, String password) {
        this.url = url;
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("connectTimeout", "2");
        properties.setProperty("socketTimeout", "10");
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("currentSchema", "laboratory");
        properties.setProperty("ApplicationName", "laboratory lane");
    }

    @Override
    public <T> T use(Rows.Question<T> question) throws SQLException {
        Connection connection = idle.pollFirst();
        if (connection == null) {
            connection = DriverManager.getConnection(url, properties);
        }
        boolean whole = false;
        try {
            T answer = question.ask(connection);
            whole = true;
            return answer;
        } finally {
            if (whole && !closed) {
                idle.addFirst(connection);
            } else {
                connection.close();
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Connection left = idle.poll(); left != null; left = idle.poll()) {
            try {
                left.close();
            } catch (SQLException e) {
                // It is given up either way.
            }
        }
    }
}
