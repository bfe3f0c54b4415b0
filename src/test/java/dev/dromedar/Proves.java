package dev.dromedar;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The requirements that a test proves, by their ids in {@code requirements.json}: if the test fails, is skipped or is removed, they
 * are not met. The build's last step reads it, see {@link Evidence}.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Proves {
    /** Such as {@code RFC 9449 4.2 claims}. */
    String[] value();
}
