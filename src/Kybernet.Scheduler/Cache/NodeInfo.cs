using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler.Cache;

/// <summary>A node and what runs on it, in integers. In a <see cref="Snapshot"/> it stands still; plugins never change it there.</summary>
public sealed class NodeInfo
{
    private PodFacts[] _pods = [];
    private HostPortFacts[] _hostPorts = [];
    private int _hostPortCount;
    private long[] _requestedScalars = [];
    private long[] _allocatableScalars = [];
    private NodeFacts? _facts;

    /// <summary>What the node says about itself.</summary>
    /// <exception cref="InvalidOperationException">The node is not known yet, or not any more: only its pods are.</exception>
    public NodeFacts Facts => _facts ?? throw new InvalidOperationException("the node is not known");

    /// <summary>The node's name.</summary>
    public string Name => Facts.Name;

    /// <summary>The pods on it, those that are being bound included.</summary>
    public ReadOnlySpan<PodFacts> Pods => _pods.AsSpan(0, PodCount);

    /// <summary>How many pods are on it.</summary>
    public int PodCount { get; private set; }

    /// <summary>Thousandths of a core that its pods ask for.</summary>
    public long RequestedMilliCpu { get; private set; }

    /// <summary>Bytes of memory that its pods ask for.</summary>
    public long RequestedMemory { get; private set; }

    /// <summary>Bytes of local storage that its pods ask for.</summary>
    public long RequestedEphemeralStorage { get; private set; }

    /// <summary>Thousandths of a core that scoring counts its pods with.</summary>
    public long ScoredMilliCpu { get; private set; }

    /// <summary>Bytes of memory that scoring counts its pods with.</summary>
    public long ScoredMemory { get; private set; }

    /// <summary>Changes whenever the node or its pods change, and never has the same value twice.</summary>
    public long Generation { get; internal set; }

    /// <summary>The place in the snapshot.</summary>
    internal int Index { get; set; }

    internal bool IsKnown => _facts is not null;

    /// <summary>How many of its pods have affinity or anti-affinity to other pods.</summary>
    internal int PodsWithAffinity { get; private set; }

    /// <summary>The copy of it in the snapshot; only the cache's own rows have one.</summary>
    internal NodeInfo? Shadow { get; set; }

    /// <summary>Whether the copy is behind.</summary>
    internal bool IsDirty { get; set; }

    /// <summary>The amount of a scalar resource that it can bear.</summary>
    internal long AllocatableScalar(int resource) => resource < _allocatableScalars.Length ? _allocatableScalars[resource] : 0;

    /// <summary>The amount of a scalar resource that its pods ask for.</summary>
    internal long RequestedScalar(int resource) => resource < _requestedScalars.Length ? _requestedScalars[resource] : 0;

    internal bool HasPortConflict(HostPortFacts[] wanted)
    {
        foreach (ref readonly var used in _hostPorts.AsSpan(0, _hostPortCount))
        {
            foreach (var port in wanted)
            {
                if (port.ConflictsWith(used))
                {
                    return true;
                }
            }
        }
        return false;
    }

    internal void SetFacts(NodeFacts? facts)
    {
        _facts = facts;
        Array.Clear(_allocatableScalars);
        if (facts is null)
        {
            return;
        }
        foreach (var scalar in facts.Allocatable.ScalarArray)
        {
            Grow(ref _allocatableScalars, scalar.Resource);
            _allocatableScalars[scalar.Resource] = scalar.Amount;
        }
    }

    internal void Add(PodFacts pod)
    {
        if (PodCount == _pods.Length)
        {
            Array.Resize(ref _pods, Math.Max(8, PodCount * 2));
        }
        _pods[PodCount++] = pod;
        Count(pod, 1);
        foreach (var port in pod.HostPorts)
        {
            if (_hostPortCount == _hostPorts.Length)
            {
                Array.Resize(ref _hostPorts, Math.Max(4, _hostPortCount * 2));
            }
            _hostPorts[_hostPortCount++] = port;
        }
    }

    /// <summary>Takes a pod off; false where it is not there.</summary>
    internal bool Remove(string uid)
    {
        for (var i = 0; i < PodCount; i++)
        {
            if (_pods[i].Uid != uid)
            {
                continue;
            }
            var pod = _pods[i];
            _pods[i] = _pods[--PodCount];
            _pods[PodCount] = null!;
            Count(pod, -1);
            foreach (var port in pod.HostPorts)
            {
                var index = Array.IndexOf(_hostPorts, port, 0, _hostPortCount);
                _hostPorts[index] = _hostPorts[--_hostPortCount];
            }
            return true;
        }
        return false;
    }

    /// <summary>Takes the newer of two states of a pod that are counted alike.</summary>
    internal void Replace(PodFacts pod)
    {
        for (var i = 0; i < PodCount; i++)
        {
            if (_pods[i].Uid == pod.Uid)
            {
                _pods[i] = pod;
                return;
            }
        }
    }

    /// <summary>Becomes a copy; what it held before is used again, so that in the long run nothing is allocated.</summary>
    internal void CopyFrom(NodeInfo other)
    {
        _facts = other._facts;
        if (_pods.Length < other.PodCount)
        {
            _pods = new PodFacts[other._pods.Length];
        }
        Array.Copy(other._pods, _pods, other.PodCount);
        if (PodCount > other.PodCount)
        {
            Array.Clear(_pods, other.PodCount, PodCount - other.PodCount);
        }
        PodCount = other.PodCount;
        Copy(other._hostPorts, ref _hostPorts);
        _hostPortCount = other._hostPortCount;
        Copy(other._requestedScalars, ref _requestedScalars);
        Copy(other._allocatableScalars, ref _allocatableScalars);
        RequestedMilliCpu = other.RequestedMilliCpu;
        RequestedMemory = other.RequestedMemory;
        RequestedEphemeralStorage = other.RequestedEphemeralStorage;
        ScoredMilliCpu = other.ScoredMilliCpu;
        ScoredMemory = other.ScoredMemory;
        PodsWithAffinity = other.PodsWithAffinity;
        Generation = other.Generation;
    }

    private void Count(PodFacts pod, int sign)
    {
        RequestedMilliCpu += sign * pod.Request.MilliCpu;
        RequestedMemory += sign * pod.Request.Memory;
        RequestedEphemeralStorage += sign * pod.Request.EphemeralStorage;
        ScoredMilliCpu += sign * pod.ScoredMilliCpu;
        ScoredMemory += sign * pod.ScoredMemory;
        foreach (var scalar in pod.Request.ScalarArray)
        {
            Grow(ref _requestedScalars, scalar.Resource);
            _requestedScalars[scalar.Resource] += sign * scalar.Amount;
        }
        PodsWithAffinity += pod.Affinity is null ? 0 : sign;
    }

    private static void Grow(ref long[] amounts, int index)
    {
        if (index >= amounts.Length)
        {
            Array.Resize(ref amounts, index + 4);
        }
    }

    private static void Copy<T>(T[] from, ref T[] to)
    {
        if (to.Length != from.Length)
        {
            to = from.Length == 0 ? [] : new T[from.Length];
        }
        Array.Copy(from, to, from.Length);
    }
}
