using System.Text.Json.Nodes;
using Kybernet.Api.Json;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Admission.Configuration;
using Kybernet.ApiServer.Resources;

namespace Kybernet.ApiServer.Audit.Policy;

/// <summary>Reads policies of audit as upstream writes them.</summary>
internal static class AuditPolicyReader
{
    /// <summary>Reads a policy.</summary>
    /// <exception cref="ConfigurationException">It is none, or says what makes no sense.</exception>
    public static AuditPolicy Read(JsonObject policy)
    {
        ConfigurationFile.RequireKind(policy, "audit.k8s.io", ["v1"], "Policy");
        ConfigurationFile.RequireKnown(policy, "", "apiVersion", "kind", "metadata", "rules", "omitStages", "omitManagedFields");
        var errors = new FieldErrors();
        var path = FieldPath.Of("rules");
        var omitStages = Stages(policy, FieldPath.Of("omitStages"), errors);
        var omitManagedFields = JsonValues.Bool(policy["omitManagedFields"]) ?? false;
        AuditRule[] rules = [.. policy.Objects("rules").Select((rule, index) => Rule(rule, omitStages, omitManagedFields, path.Index(index), errors))];
        if (rules.Length == 0)
        {
            throw new ConfigurationException("loaded illegal policy with 0 rules");
        }
        return errors.IsEmpty ? new AuditPolicy(rules) : throw new ConfigurationException(string.Join(", ", errors.Items));
    }

    private static AuditRule Rule(JsonObject rule, IReadOnlyList<AuditStage> omitStages, bool omitManagedFields, FieldPath path, FieldErrors errors)
    {
        ConfigurationFile.RequireKnown(
            rule, path.ToString(), "level", "users", "userGroups", "verbs", "resources", "namespaces", "nonResourceURLs", "omitStages", "omitManagedFields");
        var config = new AuditConfig(
            Level(rule, path.Child("level"), errors),
            [.. omitStages.Union(Stages(rule, path.Child("omitStages"), errors))],
            JsonValues.Bool(rule["omitManagedFields"]) ?? omitManagedFields);
        var read = new AuditRule(config)
        {
            Users = ConfigurationFile.Texts(rule, "users"),
            UserGroups = ConfigurationFile.Texts(rule, "userGroups"),
            Verbs = ConfigurationFile.Texts(rule, "verbs"),
            Namespaces = ConfigurationFile.Texts(rule, "namespaces"),
            Paths = ConfigurationFile.Texts(rule, "nonResourceURLs"),
            Resources = [.. rule.Objects("resources").Select(resources => Resources(resources, path.Child("resources"), errors))],
        };
        Check(read, path.Child("nonResourceURLs"), errors);
        return read;
    }

    private static AuditLevel Level(JsonObject rule, FieldPath path, FieldErrors errors)
    {
        var text = rule.Text("level") ?? "";
        var names = Enum.GetNames<AuditLevel>();
        if (text.Length == 0)
        {
            errors.Required(path);
        }
        else if (!names.Contains(text))
        {
            errors.NotSupported(path, text, names);
        }
        return names.Contains(text) ? Enum.Parse<AuditLevel>(text) : AuditLevel.None;
    }

    private static List<AuditStage> Stages(JsonObject from, FieldPath path, FieldErrors errors)
    {
        var names = Enum.GetNames<AuditStage>();
        var stages = new List<AuditStage>();
        foreach (var text in ConfigurationFile.Texts(from, "omitStages"))
        {
            if (names.Contains(text))
            {
                stages.Add(Enum.Parse<AuditStage>(text));
            }
            else
            {
                errors.Invalid(path.Index(stages.Count), text, $"allowed stages are {string.Join(',', names)}");
            }
        }
        return stages;
    }

    private static AuditedResources Resources(JsonObject from, FieldPath path, FieldErrors errors)
    {
        ConfigurationFile.RequireKnown(from, path.ToString(), "group", "resources", "resourceNames");
        var read = new AuditedResources(from.Text("group") ?? "", ConfigurationFile.Texts(from, "resources"), ConfigurationFile.Texts(from, "resourceNames"));
        if (read.Names.Count > 0 && read.Resources.Count == 0)
        {
            errors.Invalid(path.Child("resourceNames"), read.Names[0], "using resourceNames requires at least one resource");
        }
        return read;
    }

    private static void Check(AuditRule rule, FieldPath path, FieldErrors errors)
    {
        for (var i = 0; i < rule.Paths.Count; i++)
        {
            if (rule.Paths[i] != "*" && !rule.Paths[i].StartsWith('/'))
            {
                errors.Invalid(path.Index(i), rule.Paths[i], "non-resource URL rules must begin with a '/' character");
            }
            if (rule.Paths[i].IndexOf('*', StringComparison.Ordinal) is >= 0 and var star && star < rule.Paths[i].Length - 1)
            {
                errors.Invalid(path.Index(i), rule.Paths[i], "non-resource URL wildcards '*' must be the final character of the rule");
            }
        }
        if (rule.Paths.Count > 0 && (rule.Resources.Count > 0 || rule.Namespaces.Count > 0))
        {
            errors.Invalid(path, rule.Paths[0], "rules cannot apply to both regular resources and non-resource URLs");
        }
    }
}
