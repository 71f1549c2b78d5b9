/**
 * Training, evaluation and prediction.
 *
 * <p>Start at {@link dev.lamina.train.Trainer}. A {@link dev.lamina.train.TrainingRun} is the loop
 * itself, step by step; {@link dev.lamina.train.Predictor} serves a trained model.
 */
package dev.lamina.train;
