namespace Kybernet.ApiServer.Admission.PodSecurity;

/// <summary>What a check has against a pod.</summary>
/// <param name="Reason">What it is, whatever the pod.</param>
/// <param name="Detail">Where in the pod.</param>
internal sealed record CheckFailure(string Reason, string Detail)
{
    /// <summary>Everything there is against a pod, for whoever knows the pod.</summary>
    public static string Describe(IReadOnlyList<CheckFailure> failures) => string.Join(", ", failures.Select(static failure => $"{failure.Reason} ({failure.Detail})"));

    /// <summary>Everything there is against a pod, in the same words for all pods that it is true of.</summary>
    public static string Summarize(IReadOnlyList<CheckFailure> failures) => string.Join(", ", failures.Select(static failure => failure.Reason));
}
