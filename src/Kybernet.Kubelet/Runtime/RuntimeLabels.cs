namespace Kybernet.Kubelet.Runtime;

/// <summary>What the kubelet writes on sandboxes and containers, spelt as upstream spells it: all state that survives its restart.</summary>
internal static class RuntimeLabels
{
    public const string PodName = "io.kubernetes.pod.name";
    public const string PodNamespace = "io.kubernetes.pod.namespace";
    public const string PodUid = "io.kubernetes.pod.uid";
    public const string ContainerName = "io.kubernetes.container.name";

    public const string RestartCount = "io.kubernetes.container.restartCount";
    public const string Hash = "io.kubernetes.container.hash";
    public const string TerminationMessagePath = "io.kubernetes.container.terminationMessagePath";
    public const string TerminationMessagePolicy = "io.kubernetes.container.terminationMessagePolicy";
    public const string TerminationGracePeriod = "io.kubernetes.pod.terminationGracePeriod";
    public const string DeletionGracePeriod = "io.kubernetes.pod.deletionGracePeriod";
    public const string ConfigSource = "kubernetes.io/config.source";
    public const string ConfigSeen = "kubernetes.io/config.seen";
}
