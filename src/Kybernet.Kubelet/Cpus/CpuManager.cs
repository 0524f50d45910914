using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Containers;
using Kybernet.Kubelet.Nodes;
using Kybernet.Kubelet.Pods;
using Kybernet.Kubelet.Resources;

namespace Kybernet.Kubelet.Cpus;

/// <summary>
/// Gives processors to containers. By the policy <c>static</c> a container of a guaranteed pod that asks for whole processors has them alone, all others
/// share the rest, of which the reserved ones are never given away. By the policy <c>none</c> everybody runs everywhere.
/// </summary>
internal sealed class CpuManager
{
    public const string None = "none";
    public const string Static = "static";

    private readonly CpuTopology _topology;
    private readonly CpuStateFile _file;
    private readonly CpuSet _reserved;
    private readonly Lock _gate = new();
    private CpuAssignments _assignments;

    /// <exception cref="CpuManagerException">What is configured cannot be done, or does not go with what was done before.</exception>
    public CpuManager(KubeletOptions options, CpuTopology topology, CpuStateFile file)
    {
        _topology = topology;
        _file = file;
        IsStatic = options.CpuManagerPolicy == Static;
        _reserved = IsStatic ? FindReserved(options, topology) : CpuSet.Empty;
        if (file.Read(options.CpuManagerPolicy) is { } known)
        {
            _assignments = known;
            Check();
            return;
        }
        _assignments = CpuAssignments.None(options.CpuManagerPolicy, IsStatic ? topology.All : CpuSet.Empty);
        file.Write(_assignments);
    }

    /// <summary>Some have processors alone now, or no longer: those of the others are others.</summary>
    public event Action? Changed;

    /// <summary>Whether anybody can have processors alone.</summary>
    public bool IsStatic { get; }

    /// <summary>The pods that have some alone.</summary>
    public IEnumerable<string> Owners
    {
        get
        {
            lock (_gate)
            {
                return _assignments.Exclusive.Keys;
            }
        }
    }

    /// <summary>Gives a pod's containers the processors that they are to have alone.</summary>
    /// <returns>Why not; null where they have them.</returns>
    public StartProblem? Admit(Pod pod)
    {
        if (!IsStatic || QosClass.Of(pod) != QosClass.Guaranteed)
        {
            return null;
        }
        lock (_gate)
        {
            var given = _assignments;
            var reusable = CpuSet.Empty;
            foreach (var container in PodContainers.InitAndApp(pod))
            {
                var count = WholeCpus(container.Container);
                if (count == 0)
                {
                    continue;
                }
                var free = given.Shared.Except(_reserved).Union(reusable);
                if ((given.Find(pod.Metadata.Uid ?? "", container.Name) ?? CpuPicker.Take(_topology, free, count)) is not { } cpus)
                {
                    return new StartProblem(
                        "UnexpectedAdmissionError",
                        $"Allocate failed due to not enough cpus available to satisfy request: requested={count}, available={free.Count}, which is unexpected");
                }
                given = given.With(pod.Metadata.Uid ?? "", container.Name, cpus);
                // What an init container has that ends is free for those that come after it.
                reusable = container.Kind == ContainerKind.Init && !container.IsSidecar ? reusable.Union(cpus) : reusable.Except(cpus);
            }
            Set(given);
        }
        Changed?.Invoke();
        return null;
    }

    /// <summary>The processors that a container may run on, as the kernel writes them; empty for all.</summary>
    public string CpusOf(string uid, string container)
    {
        lock (_gate)
        {
            return (_assignments.Find(uid, container) ?? _assignments.Shared).ToString();
        }
    }

    /// <summary>The processors that a container has alone.</summary>
    public CpuSet ExclusiveOf(string uid, string container)
    {
        lock (_gate)
        {
            return _assignments.Find(uid, container) ?? CpuSet.Empty;
        }
    }

    /// <summary>The processors that can be given away.</summary>
    public CpuSet Allocatable => _topology.All.Except(_reserved);

    /// <summary>Takes back what a pod had alone of which nothing runs any more.</summary>
    public void Release(string uid)
    {
        if (!IsStatic)
        {
            return;
        }
        lock (_gate)
        {
            Set(_assignments.Without(uid));
        }
        Changed?.Invoke();
    }

    private static int WholeCpus(Container container) =>
        ContainerResources.Milli(container.Resources?.Requests is { Count: > 0 } requests ? requests : container.Resources?.Limits, "cpu") is var milli && milli % 1000 == 0
            ? (int)(milli / 1000)
            : 0;

    private static CpuSet FindReserved(KubeletOptions options, CpuTopology topology)
    {
        if (options.ReservedCpus.Length > 0)
        {
            var named = CpuSet.Parse(options.ReservedCpus);
            return named.Except(topology.All).Count == 0
                ? named
                : throw new CpuManagerException($"[cpumanager] the reserved CPUs {named} are not all among the CPUs {topology.All} that are online");
        }
        var count = (int)((NodeAllocatable.ReservedMilliCpu(options) + 999) / 1000);
        if (count == 0)
        {
            // The system would have nothing to run on once all others are given away.
            throw new CpuManagerException("[cpumanager] unable to determine reserved CPU resources for static policy: the static policy requires systemreserved.cpu + kubereserved.cpu to be greater than zero");
        }
        return CpuPicker.Take(topology, topology.All, count)
            ?? throw new CpuManagerException($"[cpumanager] unable to reserve the required amount of CPUs (size of {topology.All} is less than {count})");
    }

    private void Set(CpuAssignments assignments)
    {
        if (assignments != _assignments)
        {
            // First on disk: what a container was given is not given again by the next start.
            _file.Write(assignments);
            _assignments = assignments;
        }
    }

    private void Check()
    {
        if (!IsStatic)
        {
            return;
        }
        var all = _assignments.Shared;
        if (_reserved.Except(all).Count > 0)
        {
            throw new CpuManagerException($"not all reserved cpus: \"{_reserved}\" are present in defaultCpuSet: \"{all}\"");
        }
        foreach (var (uid, containers) in _assignments.Exclusive)
        {
            foreach (var (name, cpus) in containers)
            {
                if (cpus.Overlaps(_assignments.Shared))
                {
                    throw new CpuManagerException($"pod: {uid}, container: {name} cpuset: \"{cpus}\" overlaps with default cpuset \"{_assignments.Shared}\"");
                }
                all = all.Union(cpus);
            }
        }
        if (!all.Equals(_topology.All))
        {
            throw new CpuManagerException($"current set of available CPUs \"{_topology.All}\" doesn't match with CPUs in state \"{all}\"");
        }
    }
}
