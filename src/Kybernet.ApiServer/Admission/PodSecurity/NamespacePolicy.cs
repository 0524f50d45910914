using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Admission.PodSecurity;

/// <summary>What is asked of a namespace's pods.</summary>
/// <param name="Enforce">What a pod is turned away for.</param>
/// <param name="Audit">What is noted in the audit log.</param>
/// <param name="Warn">What whoever makes a pod is warned of.</param>
internal sealed record NamespacePolicy(LevelVersion Enforce, LevelVersion Audit, LevelVersion Warn)
{
    private const string Prefix = "pod-security.kubernetes.io/";
    private const string VersionSuffix = "-version";

    private static readonly LevelVersion Anything = new(PodSecurityLevel.Privileged, PolicyVersion.Latest);

    /// <summary>One that asks for nothing.</summary>
    public static NamespacePolicy Privileged { get; } = new(Anything, Anything, Anything);

    /// <summary>Whether nothing is asked for.</summary>
    public bool IsPrivileged => Enforce.Level == PodSecurityLevel.Privileged && IsSilent;

    /// <summary>Whether nobody is warned and nothing noted.</summary>
    public bool IsSilent => Audit.Level == PodSecurityLevel.Privileged && Warn.Level == PodSecurityLevel.Privileged;

    /// <summary>The modes with what is asked for in each, by their names.</summary>
    public IEnumerable<(string Mode, LevelVersion Policy)> Modes => [("enforce", Enforce), ("audit", Audit), ("warn", Warn)];

    /// <summary>
    /// What a namespace's labels say. There is always an answer: a label that says nothing sensible is as strict as can be where pods are turned away,
    /// and lets all be where they are not.
    /// </summary>
    /// <param name="labels">The labels.</param>
    /// <param name="fallback">What holds where there is no label.</param>
    /// <param name="errors">What is wrong with the labels.</param>
    public static NamespacePolicy Of(IReadOnlyDictionary<string, string> labels, NamespacePolicy fallback, FieldErrors errors)
    {
        if (labels.Count == 0)
        {
            return fallback;
        }
        return new NamespacePolicy(
            Read(labels, "enforce", fallback.Enforce, PodSecurityLevel.Restricted, errors),
            Read(labels, "audit", fallback.Audit, PodSecurityLevel.Privileged, errors),
            Read(labels, "warn", fallback.Warn, PodSecurityLevel.Privileged, errors));
    }

    /// <summary>Whether labels say anything about a mode.</summary>
    public static bool IsSet(IReadOnlyDictionary<string, string> labels, string mode) =>
        labels.ContainsKey(Prefix + mode) || labels.ContainsKey(Prefix + mode + VersionSuffix);

    private static LevelVersion Read(
        IReadOnlyDictionary<string, string> labels, string mode, LevelVersion fallback, PodSecurityLevel otherwise, FieldErrors errors)
    {
        var (level, version) = (fallback.Level, fallback.Version);
        if (labels.TryGetValue(Prefix + mode, out var text) && !LevelVersion.TryParseLevel(text, out level))
        {
            level = otherwise;
            errors.Invalid(PathOf(Prefix + mode), text, $"must be one of {string.Join(", ", LevelVersion.LevelNames)}");
        }
        if (labels.TryGetValue(Prefix + mode + VersionSuffix, out text) && !PolicyVersion.TryParse(text, out version))
        {
            errors.Invalid(PathOf(Prefix + mode + VersionSuffix), text, "must be \"latest\" or \"v1.x\"");
        }
        return new LevelVersion(level, version);
    }

    private static FieldPath PathOf(string label) => FieldPath.Of("metadata").Child("labels").Key(label);
}
