using Kybernet.Api.Core.V1;

namespace Kybernet.Scheduler.Plugins.Volumes;

/// <summary>What was decided for pods that are being bound, and is not to be seen in the cluster yet. Safe to share.</summary>
internal sealed class AssumedVolumes
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (string Node, IReadOnlyList<ClaimDecision> Decisions)> _byPod = new(StringComparer.Ordinal);

    public void Add(string pod, string node, IReadOnlyList<ClaimDecision> decisions)
    {
        lock (_lock)
        {
            _byPod[pod] = (node, decisions);
        }
    }

    public void Remove(string pod)
    {
        lock (_lock)
        {
            _byPod.Remove(pod);
        }
    }

    /// <summary>The node that was chosen for a claim; null for none.</summary>
    public string? NodeOf(PersistentVolumeClaim claim)
    {
        lock (_lock)
        {
            foreach (var (node, decisions) in _byPod.Values)
            {
                foreach (var decision in decisions)
                {
                    if (decision.Claim.Metadata.Uid == claim.Metadata.Uid)
                    {
                        return node;
                    }
                }
            }
            return null;
        }
    }

    /// <summary>Whether a volume was given to another claim.</summary>
    public bool IsTaken(PersistentVolume volume, PersistentVolumeClaim claim)
    {
        lock (_lock)
        {
            foreach (var (_, decisions) in _byPod.Values)
            {
                foreach (var decision in decisions)
                {
                    if (decision.Volume?.Metadata.Name == volume.Metadata.Name && decision.Claim.Metadata.Uid != claim.Metadata.Uid)
                    {
                        return true;
                    }
                }
            }
            return false;
        }
    }
}
