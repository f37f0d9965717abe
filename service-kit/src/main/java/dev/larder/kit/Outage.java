package dev.larder.kit;

import io.smallrye.mutiny.TimeoutException;
import io.vertx.core.VertxException;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.channels.ClosedChannelException;
import java.sql.SQLException;
import org.hibernate.HibernateException;
import org.hibernate.exception.JDBCConnectionException;

/** Tells a failure that will pass, because something we need is away, from a bug. */
public final class Outage {
    private Outage() {}

    /** "database" or "store", or null when it is neither. */
    public static String whatIsAway(Throwable thrown) {
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < 20; depth++) {
            if (cause instanceof JDBCConnectionException
                    || cause instanceof SQLException sql && isConnectionLoss(sql)) {
                return "database";
            }
            if (isStoreLoss(cause)) {
                return comesFromDatabase(thrown) ? "database" : "store";
            }
            cause = cause.getCause();
        }
        return null;
    }

    private static boolean isConnectionLoss(SQLException e) {
        String state = e.getSQLState();
        return state == null || state.startsWith("08") || state.startsWith("57P");
    }

    private static boolean isStoreLoss(Throwable cause) {
        return cause instanceof ConnectException
                || cause instanceof ClosedChannelException
                || cause instanceof java.util.concurrent.TimeoutException
                || cause instanceof TimeoutException
                || cause instanceof ConnectionPoolTooBusyException
                || cause instanceof IOException io && isReset(io)
                || isRedisClosed(cause);
    }

    private static boolean isReset(IOException e) {
        String message = String.valueOf(e.getMessage());
        return message.contains("Connection reset") || message.contains("Broken pipe");
    }

    private static boolean isRedisClosed(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        return message.contains("CONNECTION_CLOSED")
                || cause instanceof VertxException && message.contains("Connection was closed")
                || message.startsWith("Redis connection is broken")
                || message.startsWith("Cannot connect to any of the provided endpoints")
                || message.startsWith("Connection is closed");
    }

    private static boolean comesFromDatabase(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException
                    || cause instanceof HibernateException
                    || cause.getClass().getName().startsWith("org.postgresql")) {
                return true;
            }
        }
        return false;
    }

    /** SQLSTATE 22021, character not in repertoire: PostgreSQL keeps no NUL. */
    static boolean isUnstorableText(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && "22021".equals(sql.getSQLState())) {
                return true;
            }
        }
        return false;
    }
}
