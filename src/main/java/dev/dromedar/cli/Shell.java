package dev.dromedar.cli;

import java.io.PrintStream;

/**
 * What a command has around it.
 *
 * @param folder of the site that it works on
 * @param out for its answer; nothing that it is given acts on a terminal
 */
record Shell(Folder folder, PrintStream out) {}
