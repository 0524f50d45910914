using System.Text.Json.Nodes;
using Kybernet.Api.Json;
using Kybernet.Api.Yaml;

namespace Kybernet.ApiServer.Admission.Configuration;

/// <summary>Reads what is configured by files, and by parts of files, that say of what kind they are.</summary>
internal static class ConfigurationFile
{
    /// <summary>Reads a file, of YAML or JSON.</summary>
    /// <exception cref="ConfigurationException">It cannot be read.</exception>
    public static JsonObject Read(string path) => Parse(ReadText(path), path);

    /// <summary>Reads a file's text.</summary>
    /// <exception cref="ConfigurationException">It cannot be read.</exception>
    public static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"unable to read {path}: {exception.Message}", exception);
        }
    }

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="ConfigurationException">It is neither YAML nor JSON, or holds no object.</exception>
    public static JsonObject Parse(string text, string path)
    {
        try
        {
            return YamlReader.Read(text) as JsonObject ?? throw new ConfigurationException($"{path} holds no object");
        }
        catch (YamlFormatException exception)
        {
            throw new ConfigurationException($"unable to read {path}: {exception.Message}", exception);
        }
    }

    /// <summary>Checks that a configuration is of one of a group's versions that are known, and of a kind.</summary>
    /// <exception cref="ConfigurationException">It is not.</exception>
    public static void RequireKind(JsonObject configuration, string group, IReadOnlyList<string> versions, string kind)
    {
        var (givenVersion, givenKind) = (JsonValues.Text(configuration["apiVersion"]), JsonValues.Text(configuration["kind"]));
        if (givenKind != kind || !versions.Any(version => givenVersion == $"{group}/{version}"))
        {
            throw new ConfigurationException($"no kind \"{givenKind}\" is registered for version \"{givenVersion}\": expected {kind} of {group}/{versions[0]}");
        }
    }

    /// <summary>Checks that a configuration says nothing that is not known: a misspelt field would otherwise change nothing, and nobody would notice.</summary>
    /// <exception cref="ConfigurationException">It does.</exception>
    public static void RequireKnown(JsonObject configuration, string path, params ReadOnlySpan<string> fields)
    {
        foreach (var (name, _) in configuration)
        {
            if (!fields.Contains(name))
            {
                throw new ConfigurationException($"strict decoding error: unknown field \"{(path.Length == 0 ? name : $"{path}.{name}")}\"");
            }
        }
    }

    /// <summary>A list of texts; empty where there is none.</summary>
    /// <exception cref="ConfigurationException">It is something else.</exception>
    public static IReadOnlyList<string> Texts(JsonObject? configuration, string field) => configuration?[field] switch
    {
        null => [],
        JsonArray list => [.. list.Select(item => JsonValues.String(item) ?? throw new ConfigurationException($"{field}: every item must be a text"))],
        _ => throw new ConfigurationException($"{field}: must be a list"),
    };
}
