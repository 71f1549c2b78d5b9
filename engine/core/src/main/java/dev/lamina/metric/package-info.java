/** What a run measures: sums that the device hands over and the figures made of them. */
package dev.lamina.metric;
