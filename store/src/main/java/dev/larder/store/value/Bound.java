package dev.larder.store.value;

/**
 * A place between the members of a sorted set: after all of lower order than a score, a member, or
 * both, and after the equal ones too where {@code inclusive}.
 */
final class Bound {
    private final Slice theirs = new Slice();
    private boolean byScore;
    private boolean byMember;
    private boolean inclusive;
    private double score;
    private Slice member;

    /** Before or after the members of {@code score}. */
    Bound at(double score, boolean inclusive) {
        this.byScore = true;
        this.byMember = false;
        this.score = score;
        this.inclusive = inclusive;
        return this;
    }

    /** Before or after {@code member} in a set whose scores are all the same. */
    Bound at(Slice member, boolean inclusive) {
        this.byScore = false;
        this.byMember = true;
        this.member = member;
        this.inclusive = inclusive;
        return this;
    }

    /** Before or after one member with its score. */
    Bound at(double score, Slice member, boolean inclusive) {
        at(member, inclusive);
        this.byScore = true;
        this.score = score;
        return this;
    }

    /** Whether a score alone does not say on which side of this place a member is. */
    boolean isAtScore(double itsScore) {
        return !byScore || itsScore == score;
    }

    /** Whether members of a score that is not at this place lie before it. */
    boolean isAfterScore(double itsScore) {
        return itsScore < score;
    }

    /** Whether the member of {@code record} lies before this place. */
    boolean isAfter(double itsScore, byte[] record) {
        if (byScore && itsScore != score) {
            return itsScore < score;
        }
        if (byMember) {
            ByteTable.key(record, theirs);
            return isAfter(theirs);
        }
        return inclusive;
    }

    boolean isAfter(double itsScore, Slice itsMember) {
        if (byScore && itsScore != score) {
            return itsScore < score;
        }
        return byMember ? isAfter(itsMember) : inclusive;
    }

    private boolean isAfter(Slice itsMember) {
        int order = member.compareTo(itsMember.array(), itsMember.offset(), itsMember.length());
        return order > 0 || order == 0 && inclusive;
    }
}
