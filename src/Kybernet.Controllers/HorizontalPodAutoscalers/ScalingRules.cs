using Kybernet.Api.Autoscaling.V2;

namespace Kybernet.Controllers.HorizontalPodAutoscalers;

/// <summary>How fast one autoscaler may change: what it recommended and did of late, and the limits of its behaviour.</summary>
internal sealed class ScalingRules
{
    private const string Pods = "Pods";
    private const string Disabled = "Disabled";
    private static readonly HPAScalingRules DefaultUp = new()
    {
        StabilizationWindowSeconds = 0,
        SelectPolicy = "Max",
        Policies = [new HPAScalingPolicy { Type = Pods, Value = 4, PeriodSeconds = 15 }, new HPAScalingPolicy { Type = "Percent", Value = 100, PeriodSeconds = 15 }],
    };

    private static readonly HPAScalingRules DefaultDown = new()
    {
        StabilizationWindowSeconds = 300,
        SelectPolicy = "Max",
        Policies = [new HPAScalingPolicy { Type = "Percent", Value = 100, PeriodSeconds = 15 }],
    };

    private readonly List<(DateTimeOffset Time, int Replicas)> _recommendations = [];
    private readonly List<(DateTimeOffset Time, int Change)> _changes = [];

    /// <param name="Replicas">How many pods it may be.</param>
    /// <param name="Stabilized">Why it is other than recommended, as reason and message of AbleToScale.</param>
    /// <param name="Limited">Whether and why it is limited, as status, reason and message of ScalingLimited.</param>
    public readonly record struct Result(int Replicas, (string Reason, string Message) Stabilized, (string Status, string Reason, string Message) Limited);

    /// <summary>What may become of a recommendation now.</summary>
    public Result Apply(HorizontalPodAutoscalerSpec spec, int current, int recommended, DateTimeOffset now)
    {
        var (up, down) = (Fill(spec.Behavior?.ScaleUp, DefaultUp), Fill(spec.Behavior?.ScaleDown, DefaultDown));
        var (stable, stabilized) = Stabilize(up, down, current, recommended, now);
        var (replicas, limited) = Limit(spec, up, down, current, stable, now);
        return new Result(replicas, stabilized, limited);
    }

    /// <summary>Notes that it was scaled.</summary>
    public void Scaled(int change, DateTimeOffset now) => _changes.Add((now, change));

    private static HPAScalingRules Fill(HPAScalingRules? rules, HPAScalingRules defaults) => rules is null ? defaults : rules with
    {
        StabilizationWindowSeconds = rules.StabilizationWindowSeconds ?? defaults.StabilizationWindowSeconds,
        SelectPolicy = rules.SelectPolicy ?? defaults.SelectPolicy,
        Policies = rules.Policies.Count == 0 ? defaults.Policies : rules.Policies,
    };

    /// <summary>Grows no further than the least, and shrinks no further than the most, that was recommended of late.</summary>
    private (int Replicas, (string, string) Reason) Stabilize(HPAScalingRules up, HPAScalingRules down, int current, int recommended, DateTimeOffset now)
    {
        var (upAfter, downAfter) = (now.AddSeconds(-up.StabilizationWindowSeconds!.Value), now.AddSeconds(-down.StabilizationWindowSeconds!.Value));
        var (least, most) = (recommended, recommended);
        foreach (var (time, replicas) in _recommendations)
        {
            least = time > upAfter ? Math.Min(least, replicas) : least;
            most = time > downAfter ? Math.Max(most, replicas) : most;
        }
        _recommendations.RemoveAll(known => known.Time <= upAfter && known.Time <= downAfter);
        _recommendations.Add((now, recommended));
        var stable = Math.Min(Math.Max(current, least), most);
        return (stable, stable == recommended ? ("ReadyForNewScale", "recommended size matches current size")
            : stable < recommended ? ("ScaleUpStabilized", "recent recommendations were lower than current one, applying the lowest recent recommendation")
            : ("ScaleDownStabilized", "recent recommendations were higher than current one, applying the highest recent recommendation"));
    }

    private (int Replicas, (string, string, string) Reason) Limit(
        HorizontalPodAutoscalerSpec spec, HPAScalingRules up, HPAScalingRules down, int current, int wanted, DateTimeOffset now)
    {
        if (wanted > current)
        {
            var limit = Math.Max(current, Bound(up, current, now, isUp: true));
            if (wanted > Math.Min(limit, spec.MaxReplicas))
            {
                return limit < spec.MaxReplicas
                    ? (limit, (ConditionStatus.True, "ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate"))
                    : (spec.MaxReplicas, (ConditionStatus.True, "TooManyReplicas", "the desired replica count is more than the maximum replica count"));
            }
        }
        else if (wanted < current)
        {
            var (limit, minimum) = (Math.Min(current, Bound(down, current, now, isUp: false)), spec.MinReplicas ?? 1);
            if (wanted < Math.Max(limit, minimum))
            {
                return limit > minimum
                    ? (limit, (ConditionStatus.True, "ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate"))
                    : (minimum, (ConditionStatus.True, "TooFewReplicas", "the desired replica count is less than the minimum replica count"));
            }
        }
        return (wanted, (ConditionStatus.False, "DesiredWithinRange", "the desired count is within the acceptable range"));
    }

    /// <summary>The furthest that the policies allow, reckoned from the size at the beginning of each one's period.</summary>
    private int Bound(HPAScalingRules rules, int current, DateTimeOffset now, bool isUp)
    {
        _changes.RemoveAll(change => change.Time < now.AddHours(-1)); // no period is longer
        if (rules.SelectPolicy == Disabled)
        {
            return current;
        }
        var bounds = rules.Policies.Select(policy =>
        {
            var start = current - _changes.Where(change => change.Time > now.AddSeconds(-policy.PeriodSeconds)).Sum(static change => change.Change);
            var step = policy.Type == Pods ? policy.Value : start * (policy.Value / 100.0);
            return isUp ? (int)Math.Ceiling(start + step) : (int)(start - step);
        });
        return (rules.SelectPolicy == "Min") == isUp ? bounds.Min() : bounds.Max();
    }
}
