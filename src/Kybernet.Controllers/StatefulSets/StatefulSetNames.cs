namespace Kybernet.Controllers.StatefulSets;

/// <summary>The labels that a StatefulSet's pods and revisions carry, and the values that its fields have.</summary>
internal static class StatefulSetNames
{
    public const string PodName = "statefulset.kubernetes.io/pod-name";
    public const string PodIndex = "apps.kubernetes.io/pod-index";

    /// <summary>On a pod: the name of the revision it was made of.</summary>
    public const string PodRevision = "controller-revision-hash";

    /// <summary>On a revision: the hash of its template.</summary>
    public const string RevisionHash = "controller.kubernetes.io/hash";

    public const string Parallel = "Parallel";
    public const string OnDelete = "OnDelete";
    public const string Delete = "Delete";
}
