using Kybernet.Scheduler.Framework;

namespace Kybernet.Scheduler.Plugins;

/// <summary>Brings raw scores into the range of all scores.</summary>
internal static class Normalization
{
    /// <summary>The highest gets the highest score, the others in proportion; or, reversed, the highest gets the lowest.</summary>
    public static void ToHighest(Span<long> scores, bool reverse)
    {
        var highest = 0L;
        foreach (var score in scores)
        {
            highest = Math.Max(highest, score);
        }
        if (highest == 0)
        {
            if (reverse)
            {
                scores.Fill(IScorePlugin.MaxScore);
            }
            return;
        }
        for (var i = 0; i < scores.Length; i++)
        {
            var score = IScorePlugin.MaxScore * scores[i] / highest;
            scores[i] = reverse ? IScorePlugin.MaxScore - score : score;
        }
    }
}
