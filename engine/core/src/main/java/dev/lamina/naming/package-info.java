/** Help with misspelt names, for devices, models, data sets and options alike. */
package dev.lamina.naming;
