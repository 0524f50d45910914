using Kybernet.Api.Core.V1;

namespace Kybernet.Kubelet.Resources;

/// <summary>The cgroups that pods' containers live in, below that of their class. Those of the containers are the runtime's.</summary>
internal sealed class PodCgroups(KubeletOptions options, CgroupTree tree)
{
    private static readonly string[] Classes = [QosClass.Guaranteed, QosClass.Burstable, QosClass.BestEffort];

    /// <summary>A pod's cgroup, from the root of the hierarchy.</summary>
    public string PathOf(Pod pod) => PathOf(QosClass.Of(pod), pod.Metadata.Uid ?? "");

    /// <summary>Makes a pod's cgroup, with what its containers may use together; leaves one that is there as it is.</summary>
    public void Create(Pod pod)
    {
        var path = PathOf(pod);
        if (!tree.Exists(path))
        {
            tree.Create(path);
            tree.Apply(path, PodFigures.Of(pod).ToSettings() with { MaxProcesses = options.PodPidsLimit > 0 ? options.PodPidsLimit : null });
        }
    }

    /// <summary>Holds a pod's cgroup to what its containers may use together.</summary>
    /// <exception cref="IOException">The kernel refused: its containers have more.</exception>
    public void Hold(Pod pod) => tree.Apply(PathOf(pod), PodFigures.Of(pod).ToSettings());

    /// <summary>Gives a pod's cgroup room for what its containers had and for what they will have.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public void Widen(Pod pod)
    {
        Create(pod);
        var (wanted, path) = (PodFigures.Of(pod), PathOf(pod));
        var limits = tree.ReadLimits(path);
        tree.Apply(path, wanted.ToSettings() with
        {
            CpuQuota = Wider(limits.CpuQuota!.Value, wanted.CpuQuota),
            MemoryLimit = Wider(limits.MemoryLimit!.Value, wanted.MemoryLimit),
        });
    }

    /// <summary>How many processes and threads a pod has.</summary>
    public long CountProcesses(Pod pod) => tree.CountProcesses(PathOf(pod));

    /// <summary>
    /// Removes the cgroups of a pod of which nothing runs any more, whatever class it was. What is in them all the same, as the runtime lost it when it was
    /// killed itself, is ended.
    /// </summary>
    /// <exception cref="IOException">It has not ended yet: to be tried again.</exception>
    public void Remove(string uid)
    {
        foreach (var qos in Classes)
        {
            tree.Kill(PathOf(qos, uid));
            tree.Remove(PathOf(qos, uid));
        }
    }

    private string PathOf(string qos, string uid) => $"{QosCgroups.PathOf(options, qos)}/pod{uid}";

    // Of two limits; 0 is none.
    private static long Wider(long left, long right) => left == 0 || right == 0 ? 0 : Math.Max(left, right);
}
