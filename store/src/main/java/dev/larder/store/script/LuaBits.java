package dev.larder.store.script;

/** {@code bit}: operations on 32-bit numbers, after LuaBitOp. */
final class LuaBits {
    /** Adding and taking away this constant leaves the low 32 bits where they can be read. */
    private static final double TO_LOW_BITS = 6755399441055744.0;

    @FunctionalInterface
    private interface Fold {
        int of(int a, int b);
    }

    private LuaBits() {}

    static void register(PucLua.Registry registry, LuaStack stack) {
        registry.register("bit_tobit", l -> push(l, argument(l, 1)));
        registry.register("bit_bnot", l -> push(l, ~argument(l, 1)));
        registry.register("bit_bswap", l -> push(l, Integer.reverseBytes(argument(l, 1))));
        fold(registry, "band", (a, b) -> a & b);
        fold(registry, "bor", (a, b) -> a | b);
        fold(registry, "bxor", (a, b) -> a ^ b);
        two(registry, "lshift", (a, b) -> a << b);
        two(registry, "rshift", (a, b) -> a >>> b);
        two(registry, "arshift", (a, b) -> a >> b);
        two(registry, "rol", Integer::rotateLeft);
        two(registry, "ror", Integer::rotateRight);
        registry.register("bit_tohex", l -> toHex(l, stack));
    }

    private static int push(long l, int value) {
        Lua.pushNumber(l, value);
        return 1;
    }

    private static int argument(long l, int index) {
        double value = LuaStack.checkNumber(l, index) + TO_LOW_BITS;
        return (int) Double.doubleToRawLongBits(value);
    }

    private static void fold(PucLua.Registry registry, String name, Fold fold) {
        registry.register(
                "bit_" + name,
                l -> {
                    int value = argument(l, 1);
                    for (int i = Lua.top(l); i > 1; i--) {
                        value = fold.of(value, argument(l, i));
                    }
                    return push(l, value);
                });
    }

    private static void two(PucLua.Registry registry, String name, Fold fold) {
        registry.register(
                "bit_" + name, l -> push(l, fold.of(argument(l, 1), argument(l, 2) & 31)));
    }

    private static int toHex(long l, LuaStack stack) {
        int value = argument(l, 1);
        int digits = Lua.type(l, 2) == -1 ? 8 : argument(l, 2);
        String text = "%08x".formatted(value);
        if (digits < 0) {
            digits = digits == Integer.MIN_VALUE ? 8 : -digits;
            text = "%08X".formatted(value);
        }
        digits = Math.min(digits, 8);
        stack.push(l, text.substring(8 - digits));
        return 1;
    }
}
