using System.Text.Json.Nodes;
using Kybernet.ApiServer.Admission.Configuration;
using Kybernet.ApiServer.Resources;

namespace Kybernet.ApiServer.Admission.PodSecurity;

/// <summary>What holds for the whole cluster.</summary>
internal sealed record PodSecurityConfiguration
{
    private static readonly string[] Modes = ["enforce", "audit", "warn"];

    /// <summary>What is asked for where a namespace says nothing.</summary>
    public NamespacePolicy Defaults { get; init; } = NamespacePolicy.Privileged;

    /// <summary>Namespaces whose pods are not looked at.</summary>
    public IReadOnlyList<string> ExemptNamespaces { get; init; } = [];

    /// <summary>Users whose requests are not looked at.</summary>
    public IReadOnlyList<string> ExemptUsers { get; init; } = [];

    /// <summary>Classes of runtime whose pods are not looked at.</summary>
    public IReadOnlyList<string> ExemptRuntimeClasses { get; init; } = [];

    /// <summary>Reads a PodSecurityConfiguration.</summary>
    /// <exception cref="ConfigurationException">It is none, or says what makes no sense.</exception>
    public static PodSecurityConfiguration Read(JsonObject? configuration)
    {
        if (configuration is null)
        {
            return new PodSecurityConfiguration();
        }
        ConfigurationFile.RequireKind(configuration, "pod-security.admission.config.k8s.io", ["v1", "v1beta1", "v1alpha1"], "PodSecurityConfiguration");
        ConfigurationFile.RequireKnown(configuration, "", "apiVersion", "kind", "defaults", "exemptions");
        var (defaults, exemptions) = (configuration.Object("defaults") ?? [], configuration.Object("exemptions") ?? []);
        ConfigurationFile.RequireKnown(defaults, "defaults", [.. Modes, .. Modes.Select(static mode => mode + "-version")]);
        ConfigurationFile.RequireKnown(exemptions, "exemptions", "usernames", "namespaces", "runtimeClasses");
        return new PodSecurityConfiguration
        {
            Defaults = new NamespacePolicy(Default(defaults, "enforce"), Default(defaults, "audit"), Default(defaults, "warn")),
            ExemptNamespaces = ConfigurationFile.Texts(exemptions, "namespaces"),
            ExemptUsers = ConfigurationFile.Texts(exemptions, "usernames"),
            ExemptRuntimeClasses = ConfigurationFile.Texts(exemptions, "runtimeClasses"),
        };
    }

    private static LevelVersion Default(JsonObject defaults, string mode)
    {
        var (level, version) = (PodSecurityLevel.Privileged, PolicyVersion.Latest);
        if (defaults.Text(mode) is { } levelText && !LevelVersion.TryParseLevel(levelText, out level))
        {
            throw new ConfigurationException($"defaults.{mode}: Invalid value: \"{levelText}\": must be one of {string.Join(", ", LevelVersion.LevelNames)}");
        }
        if (defaults.Text(mode + "-version") is { } versionText && !PolicyVersion.TryParse(versionText, out version))
        {
            throw new ConfigurationException($"defaults.{mode}-version: Invalid value: \"{versionText}\": must be \"latest\" or \"v1.x\"");
        }
        return new LevelVersion(level, version);
    }
}
