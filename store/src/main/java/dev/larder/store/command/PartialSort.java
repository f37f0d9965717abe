package dev.larder.store.command;

import java.util.Arrays;
import java.util.Comparator;

/**
 * Sorts so much of an array as is wanted: quicksort with three parts, as Bentley and McIlroy have
 * described it in "Engineering a Sort Function" (1993), that leaves alone what is outside a range.
 * It is not stable; but equals come out in the very order in which the real servers have them, who
 * use the same for SORT with BY and LIMIT and for the nearest of many places.
 */
final class PartialSort {
    private static final int INSERTED_MAX = 7;
    private static final int NINTHERS_MIN = 40;

    private PartialSort() {}

    /** Puts the items from {@code first} to {@code last}, both inside, where they belong. */
    static <T> void sort(T[] items, Comparator<? super T> order, int first, int last) {
        int halvings = Integer.SIZE - Integer.numberOfLeadingZeros(items.length);
        new Range<>(items, order, first, last).sort(0, items.length, 2 * halvings);
    }

    private record Range<T>(T[] items, Comparator<? super T> order, int first, int last) {

        void sort(int from, int count, int depth) {
            int begin = from;
            int n = count;
            for (int left = depth; n > 1; left--) {
                if (left == 0) {
                    // Split badly time and again: nobody should be able to make it quadratic.
                    Arrays.sort(items, begin, begin + n, order);
                    return;
                }
                if (n < INSERTED_MAX) {
                    insert(begin, n);
                    return;
                }
                swap(begin, pivot(begin, n));
                int end = begin + n;
                int lowEquals = begin + 1;
                int low = begin + 1;
                int high = end - 1;
                int highEquals = end - 1;
                while (true) {
                    for (int c; low <= high && (c = compare(low, begin)) <= 0; low++) {
                        if (c == 0) {
                            swap(lowEquals++, low);
                        }
                    }
                    for (int c; low <= high && (c = compare(high, begin)) >= 0; high--) {
                        if (c == 0) {
                            swap(high, highEquals--);
                        }
                    }
                    if (low > high) {
                        break;
                    }
                    swap(low++, high--);
                }
                // What equals the pivot is at both ends and comes to the middle.
                int less = low - lowEquals;
                int more = highEquals - high;
                int moved = Math.min(lowEquals - begin, less);
                swap(begin, low - moved, moved);
                moved = Math.min(more, end - highEquals - 1);
                swap(low, end - moved, moved);
                if (less > 1 && isWanted(begin, less)) {
                    sort(begin, less, left - 1);
                }
                if (!isWanted(end - more, more)) {
                    return;
                }
                begin = end - more;
                n = more;
            }
        }

        private boolean isWanted(int from, int count) {
            return first < from + count && last >= from;
        }

        private int pivot(int begin, int n) {
            int middle = begin + n / 2;
            if (n == INSERTED_MAX) {
                return middle;
            }
            int low = begin;
            int high = begin + n - 1;
            if (n > NINTHERS_MIN) {
                int apart = n / 8;
                low = median(low, low + apart, low + 2 * apart);
                middle = median(middle - apart, middle, middle + apart);
                high = median(high - 2 * apart, high - apart, high);
            }
            return median(low, middle, high);
        }

        private int median(int a, int b, int c) {
            if (compare(a, b) < 0) {
                return compare(b, c) < 0 ? b : compare(a, c) < 0 ? c : a;
            }
            return compare(b, c) > 0 ? b : compare(a, c) < 0 ? a : c;
        }

        private void insert(int begin, int n) {
            for (int i = begin + 1; i < begin + n; i++) {
                for (int j = i; j > begin && compare(j - 1, j) > 0; j--) {
                    swap(j, j - 1);
                }
            }
        }

        private int compare(int a, int b) {
            return order.compare(items[a], items[b]);
        }

        private void swap(int a, int b) {
            T item = items[a];
            items[a] = items[b];
            items[b] = item;
        }

        private void swap(int a, int b, int count) {
            for (int i = 0; i < count; i++) {
                swap(a + i, b + i);
            }
        }
    }
}
