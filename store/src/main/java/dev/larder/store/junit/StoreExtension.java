package dev.larder.store.junit;

import dev.larder.store.Store;
import dev.larder.store.StoreConfig;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives each test that asks for a {@link Store} one of its own, empty and on a free port, and
 * closes it afterwards.
 *
 * <pre>{@code
 * @ExtendWith(StoreExtension.class)
 * class CartTest {
 *     @Test
 *     void keepsWhatWasPutIn(Store store) {
 *         Cart cart = new Cart(store.url());
 *     }
 * }
 * }</pre>
 *
 * A {@code Store} in the constructor or in a {@code @BeforeAll} method is shared by the class.
 */
public final class StoreExtension implements ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(StoreExtension.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Store.class;
    }

    @Override
    public Store resolveParameter(ParameterContext parameter, ExtensionContext context) {
        // The store of a context closes what it holds when the test or the class ends.
        return context.getStore(NAMESPACE)
                .computeIfAbsent(
                        Store.class,
                        _ -> Store.start(new StoreConfig().with("port", 0)),
                        Store.class);
    }
}
