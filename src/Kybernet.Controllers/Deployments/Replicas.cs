using Kybernet.Api.Apps.V1;

namespace Kybernet.Controllers.Deployments;

/// <summary>How many pods a Deployment wants, may have too many, and may be without.</summary>
internal static class Replicas
{
    private const int NoDeadline = int.MaxValue;

    public static int Wanted(this Deployment deployment) => deployment.Spec.Replicas ?? 1;

    public static int Wanted(this ReplicaSet set) => set.Spec.Replicas ?? 1;

    public static int Wanted(this IEnumerable<ReplicaSet> sets) => sets.Sum(static set => set.Wanted());

    public static int Actual(this IEnumerable<ReplicaSet> sets) => sets.Sum(static set => set.Status.Replicas);

    public static int Available(this IEnumerable<ReplicaSet> sets) => sets.Sum(static set => set.Status.AvailableReplicas ?? 0);

    public static List<ReplicaSet> Active(this IEnumerable<ReplicaSet> sets) => [.. sets.Where(static set => set.Wanted() > 0)];

    public static bool IsRollingUpdate(this Deployment deployment) => deployment.Spec.Strategy?.Type is null or "RollingUpdate";

    public static bool HasProgressDeadline(this Deployment deployment) => deployment.Spec.ProgressDeadlineSeconds is not (null or NoDeadline);

    public static int MaxSurge(this Deployment deployment) => deployment.IsRollingUpdate() ? Bounds(deployment).Surge : 0;

    public static int MaxUnavailable(this Deployment deployment) =>
        deployment.IsRollingUpdate() && deployment.Wanted() > 0 ? Math.Min(Bounds(deployment).Unavailable, deployment.Wanted()) : 0;

    /// <summary>How many pods the new ReplicaSet may have now, beside the others'.</summary>
    public static int ForNewSet(Deployment deployment, IEnumerable<ReplicaSet> all, int newSetWanted)
    {
        if (!deployment.IsRollingUpdate())
        {
            return deployment.Wanted();
        }
        var room = deployment.Wanted() + deployment.MaxSurge() - all.Wanted();
        return room <= 0 ? newSetWanted : newSetWanted + Math.Min(room, deployment.Wanted() - newSetWanted);
    }

    /// <summary>Percentages round so that something can happen: surge up, unavailability down, and where both come to nothing one may be unavailable.</summary>
    private static (int Surge, int Unavailable) Bounds(Deployment deployment)
    {
        var rolling = deployment.Spec.Strategy?.RollingUpdate;
        var surge = (rolling?.MaxSurge ?? "25%").Scale(deployment.Wanted(), roundUp: true);
        var unavailable = (rolling?.MaxUnavailable ?? "25%").Scale(deployment.Wanted(), roundUp: false);
        return surge == 0 && unavailable == 0 ? (0, 1) : (surge, unavailable);
    }
}
