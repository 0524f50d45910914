using System.Text.Json.Nodes;
using Kybernet.ApiServer.Resources;

namespace Kybernet.ApiServer.Admission.Configuration;

/// <summary>What is said about admission plugins when a server is started.</summary>
public sealed record AdmissionOptions
{
    private const string Group = "apiserver.config.k8s.io";

    /// <summary>What plugins are configured with, by their names.</summary>
    public IReadOnlyDictionary<string, JsonObject> Configurations { get; init; } = new Dictionary<string, JsonObject>();

    /// <summary>Reads an AdmissionConfiguration.</summary>
    /// <param name="path">The file; what plugins are configured with may be in files of their own beside it.</param>
    /// <exception cref="ConfigurationException">It cannot be read, or is none.</exception>
    public static IReadOnlyDictionary<string, JsonObject> ReadConfigurations(string path)
    {
        var file = ConfigurationFile.Read(path);
        ConfigurationFile.RequireKind(file, Group, ["v1", "v1alpha1"], "AdmissionConfiguration");
        ConfigurationFile.RequireKnown(file, "", "apiVersion", "kind", "plugins");
        var configurations = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var plugin in file.Objects("plugins"))
        {
            ConfigurationFile.RequireKnown(plugin, "plugins", "name", "path", "configuration");
            if (plugin.Object("configuration") is { } own)
            {
                configurations[plugin.Text("name") ?? ""] = own;
            }
            else if (plugin.Text("path") is { Length: > 0 } other)
            {
                configurations[plugin.Text("name") ?? ""] = ConfigurationFile.Read(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, other));
            }
        }
        return configurations;
    }
}
