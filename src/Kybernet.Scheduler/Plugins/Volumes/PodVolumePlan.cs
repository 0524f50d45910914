using Kybernet.Api.Core.V1;
using Kybernet.Api.Storage.V1;
using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler.Plugins.Volumes;

/// <summary>What one pod needs of storage, and how each node that was looked at could give it.</summary>
internal sealed class PodVolumePlan
{
    /// <summary>Where the pod's bound volumes can be reached; null for one that is not there.</summary>
    public List<(PersistentVolume? Volume, NodeSelection? Reach)> Bound { get; } = [];

    /// <summary>The claims that are bound when the pod's node is known, the smallest first.</summary>
    public List<DelayedClaim> Delayed { get; } = [];

    /// <summary>What would be done on a node, by its name.</summary>
    public Dictionary<string, List<ClaimDecision>> Decisions { get; } = new(StringComparer.Ordinal);

    /// <summary>Which nodes volumes can be reached from, as far as it was asked; by the volumes' names.</summary>
    public Dictionary<string, NodeSelection?> Reaches { get; } = new(StringComparer.Ordinal);
}

/// <summary>A claim that is bound when the pod's node is known.</summary>
/// <param name="Claim">The claim.</param>
/// <param name="Class">Its class.</param>
/// <param name="Candidates">The volumes of that class.</param>
internal sealed record DelayedClaim(PersistentVolumeClaim Claim, StorageClass Class, IReadOnlyList<PersistentVolume> Candidates);

/// <summary>What is to be done about a claim.</summary>
/// <param name="Claim">The claim.</param>
/// <param name="Volume">The volume that it gets; null to have one provisioned for the node.</param>
internal sealed record ClaimDecision(PersistentVolumeClaim Claim, PersistentVolume? Volume);
