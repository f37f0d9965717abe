package dev.larder.laboratory;

import java.sql.SQLException;

/** The database refused, or is not to be reached. */
final class DatabaseFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DatabaseFailure(SQLException cause) {
        super(cause.getMessage(), cause);
    }
}
