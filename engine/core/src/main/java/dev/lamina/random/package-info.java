/** Counter-based random numbers, shared by initialisation, sampling, generation and the devices. */
package dev.lamina.random;
