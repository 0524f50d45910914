namespace Kybernet.ApiServer.Admission.PodSecurity;

/// <summary>Something that the standards ask for.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Level">From which level on.</param>
/// <param name="Versions">What is looked for, as it was from which version on; the oldest first.</param>
internal sealed record PodSecurityCheck(string Id, PodSecurityLevel Level, params IReadOnlyList<(int Since, Func<CheckedPod, CheckFailure?> Run)> Versions)
{
    /// <summary>The laxer check that need not be made where this one is; null for none.</summary>
    public string? Overrides { get; init; }

    /// <summary>How it is made at a version; null where it is not.</summary>
    public Func<CheckedPod, CheckFailure?>? At(PolicyVersion version)
    {
        Func<CheckedPod, CheckFailure?>? found = null;
        foreach (var (since, run) in Versions)
        {
            found = since <= version.Minor ? run : found;
        }
        return found;
    }
}
