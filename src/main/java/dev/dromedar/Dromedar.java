package dev.dromedar;

/** Starts the worker. */
public final class Dromedar {
    private Dromedar() {}

    public static void main(String[] args) {
        System.out.println("x");
    }
}
