namespace Kybernet.ApiServer.Admission.PodSecurity;

/// <summary>How much the Pod Security Standards ask of a pod; the more, the greater.</summary>
internal enum PodSecurityLevel
{
    /// <summary>Nothing.</summary>
    Privileged,

    /// <summary>No known way to become more than it is.</summary>
    Baseline,

    /// <summary>What is best practice.</summary>
    Restricted,
}
