using Kybernet.Api.Core.V1;

namespace Kybernet.Controllers.HorizontalPodAutoscalers;

/// <summary>How far what is measured may be from its target before anything is scaled, either way.</summary>
internal readonly record struct Tolerances(double Up, double Down)
{
    public bool Allow(double ratio) => ratio >= 1 - Down && ratio <= 1 + Up;
}

/// <summary>
/// How many pods it takes to bring what was measured to its target. Pods that were not measured, or whose start distorts the measure, are reckoned so
/// that they slow the change down and never turn it round.
/// </summary>
internal sealed class ReplicaCalculator(int current, Tolerances tolerances, DateTimeOffset now)
{
    private static readonly TimeSpan CpuInitialization = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan InitialReadiness = TimeSpan.FromSeconds(30);

    /// <param name="Replicas">How many pods it takes.</param>
    /// <param name="Average">What a pod was measured to use, in thousandths.</param>
    /// <param name="Utilization">What part of what they request, in percent; null where the target is no utilisation.</param>
    public readonly record struct Result(int Replicas, long Average, int? Utilization);

    /// <summary>By what part of their requests the pods use of a resource.</summary>
    /// <param name="pods">The pods.</param>
    /// <param name="metrics">What was measured, by pod.</param>
    /// <param name="isCpu">Whether the start of a pod distorts the measure.</param>
    /// <param name="target">In percent.</param>
    /// <param name="requests">What each pod requests, in thousandths.</param>
    public Result ByUtilization(IReadOnlyList<Pod> pods, Dictionary<string, PodMetric> metrics, bool isCpu, int target, Func<Pod, long> requests)
    {
        var groups = new Groups(pods, metrics, isCpu, now);
        var requested = groups.Measured.Sum(requests);
        var used = groups.Measured.Sum(pod => metrics[pod.Metadata.Name!].Milli);
        Check(groups);
        var utilization = (int)(used * 100 / Math.Max(1, requested));
        var replicas = Resolve(groups, (double)utilization / target, () =>
        {
            var all = groups.Reckoned.ToList();
            var total = groups.Measured.Concat(all).Sum(requests);
            var assumed = utilization < target ? groups.Missing.Sum(requests) * Math.Max(100, target) / 100 : 0;
            return (double)(int)((used + assumed) * 100 / Math.Max(1, total)) / target;
        }, isShrinking: utilization < target);
        return new Result(replicas, used / groups.Measured.Count, utilization);
    }

    /// <summary>By what the pods use on average, in thousandths.</summary>
    public Result ByAverage(IReadOnlyList<Pod> pods, Dictionary<string, PodMetric> metrics, bool isCpu, long target)
    {
        var groups = new Groups(pods, metrics, isCpu, now);
        Check(groups);
        var used = groups.Measured.Sum(pod => metrics[pod.Metadata.Name!].Milli);
        var average = used / groups.Measured.Count;
        var isShrinking = average < target;
        var replicas = Resolve(groups, (double)average / target, () =>
        {
            var assumed = isShrinking ? groups.Missing.Count * target : 0;
            return (double)((used + assumed) / (groups.Measured.Count + groups.Reckoned.Count())) / target;
        }, isShrinking);
        return new Result(replicas, average, null);
    }

    /// <summary>By a value of something else, which the pods that are ready bring about together.</summary>
    public Result ByValue(IReadOnlyList<Pod> pods, long value, long target)
    {
        var ratio = (double)value / target;
        var ready = pods.Count(static pod => pod.Status.Phase == PodStatuses.Running && pod.IsReady());
        return new Result(tolerances.Allow(ratio) ? current : (int)Math.Ceiling(ratio * Math.Max(1, ready)), value, null);
    }

    /// <summary>By a value of something else, of which each pod is to have its share.</summary>
    public Result ByShare(long value, long target)
    {
        var ratio = (double)value / (target * (double)current);
        var replicas = tolerances.Allow(ratio) ? current : (int)Math.Ceiling((double)value / target);
        return new Result(replicas, (long)Math.Ceiling((double)value / Math.Max(1, current)), null);
    }

    private static void Check(Groups groups)
    {
        if (groups.Measured.Count == 0)
        {
            throw new MetricsException("did not receive metrics for targeted pods (pods might be unready)");
        }
    }

    private int Resolve(Groups groups, double ratio, Func<double> reckon, bool isShrinking)
    {
        if (groups.Missing.Count == 0 && (isShrinking || groups.Unready.Count == 0))
        {
            return tolerances.Allow(ratio) ? current : (int)Math.Ceiling(ratio * groups.Measured.Count);
        }
        groups.ReckonUnready = !isShrinking;
        var reckoned = reckon();
        if (tolerances.Allow(reckoned) || (ratio < 1 && reckoned > 1) || (ratio > 1 && reckoned < 1))
        {
            return current;
        }
        var replicas = (int)Math.Ceiling(reckoned * (groups.Measured.Count + groups.Reckoned.Count()));
        return (reckoned < 1 && replicas > current) || (reckoned > 1 && replicas < current) ? current : replicas;
    }

    private sealed class Groups
    {
        public Groups(IReadOnlyList<Pod> pods, Dictionary<string, PodMetric> metrics, bool isCpu, DateTimeOffset now)
        {
            foreach (var pod in pods)
            {
                if (pod.Metadata.DeletionTimestamp is not null || pod.Status.Phase == PodStatuses.Failed)
                {
                    continue;
                }
                var isMeasured = metrics.TryGetValue(pod.Metadata.Name!, out var metric);
                var group = pod.Status.Phase == PodStatuses.Pending ? Unready : !isMeasured ? Missing : isCpu && IsStarting(pod, metric, now) ? Unready : Measured;
                group.Add(pod);
            }
        }

        public List<Pod> Measured { get; } = [];

        public List<Pod> Unready { get; } = [];

        public List<Pod> Missing { get; } = [];

        public bool ReckonUnready { get; set; }

        /// <summary>The pods that count though they were not measured.</summary>
        public IEnumerable<Pod> Reckoned => ReckonUnready ? Missing.Concat(Unready) : Missing;

        /// <summary>Whether what a pod uses of the processor is still that of its start.</summary>
        private static bool IsStarting(Pod pod, PodMetric metric, DateTimeOffset now)
        {
            if (pod.Condition(PodStatuses.ReadyCondition) is not { } ready || pod.Status.StartTime is not { } started)
            {
                return true;
            }
            var isUnready = ready.Status == ConditionStatus.False;
            return started + CpuInitialization > now
                ? isUnready || metric.Time < ready.LastTransitionTime + metric.Window
                : isUnready && started + InitialReadiness > ready.LastTransitionTime;
        }
    }
}

/// <summary>Thrown where what was measured is not enough to reckon with.</summary>
internal sealed class MetricsException(string message) : Exception(message);
