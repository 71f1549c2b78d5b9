// Sums over all but the channel of tensors [samples, channels, plane]. A group takes a channel: each
// work-item sums every CHANNEL_GROUP-th run of CHAINS elements of each sample, in CHAINS sums beside each
// other, then they are added pairwise. The order is fixed. CPU-type devices (RUNS) have one work-item
// and vectors of sums, GPUs the other way round.

#if defined(RUNS)
#define CHANNEL_GROUP 1
#define CHAINS 16
#else
#define CHANNEL_GROUP 64
#define CHAINS 1
#endif

// Gives EACH(i), a term at index i, to its chain.
#define SUM_CHANNEL(total, channel, samples, channels, plane, EACH) \
  { \
    float chains[CHAINS]; \
    for (int q = 0; q < CHAINS; q++) { \
      chains[q] = 0.0f; \
    } \
    for (int s = 0; s < samples; s++) { \
      int start = (s * channels + channel) * plane; \
      int whole = plane / CHAINS * CHAINS; \
      for (int j = LOCAL_ID * CHAINS; j < whole; j += CHANNEL_GROUP * CHAINS) { \
        for (int q = 0; q < CHAINS; q++) { \
          chains[q] += EACH(start + j + q); \
        } \
      } \
      for (int j = whole + LOCAL_ID; j < plane; j += CHANNEL_GROUP) { \
        chains[0] += EACH(start + j); \
      } \
    } \
    for (int apart = CHAINS / 2; apart > 0; apart /= 2) { \
      for (int q = 0; q < apart; q++) { \
        chains[q] += chains[q + apart]; \
      } \
    } \
    total = chains[0]; \
  }

// Adds up one value of each work-item of the group; all get the sum.
FUNCTION float sum_group(SHARED_ARGUMENT float* sums, float value) {
  SYNC_GROUP();
  sums[LOCAL_ID] = value;
  SYNC_GROUP();
  for (int apart = CHANNEL_GROUP / 2; apart > 0; apart /= 2) {
    if (LOCAL_ID < apart) {
      sums[LOCAL_ID] += sums[LOCAL_ID + apart];
    }
    SYNC_GROUP();
  }
  return sums[0];
}
