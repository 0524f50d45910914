using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Rbac.V1;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Authorization.Rbac;

namespace Kybernet.ApiServer.Bootstrap;

/// <summary>Reads the embedded table of default roles and bindings, whose form is told at its head.</summary>
internal static class RbacFacts
{
    private const string BootstrappingLabel = "kubernetes.io/bootstrapping";
    private const string AggregatePrefix = "rbac.authorization.k8s.io/aggregate-to-";

    /// <summary>The roles and bindings; those that gather others have gathered them already.</summary>
    public static IReadOnlyList<IKubernetesObject> Load()
    {
        var clusterRoles = new List<ClusterRole>();
        var others = new List<IKubernetesObject>();
        var lines = ReadLines();
        for (var i = 0; i < lines.Count;)
        {
            var words = lines[i++].Split(' ');
            var rules = new List<PolicyRule>();
            while (i < lines.Count && lines[i].StartsWith(' '))
            {
                rules.Add(RuleOf(lines[i++].TrimStart().Split(' ')));
            }
            switch (words[0])
            {
                case "clusterrole":
                    clusterRoles.Add(ClusterRoleOf(words, rules));
                    break;
                case "role":
                    others.Add(new Role { Metadata = MetadataOf(words[1], words[2]), Rules = rules });
                    break;
                case "clusterbinding":
                    others.Add(new ClusterRoleBinding
                    {
                        Metadata = MetadataOf("", words[1]),
                        RoleRef = new RoleRef { ApiGroup = RbacResources.Group, Kind = "ClusterRole", Name = words[2] },
                        Subjects = words[3..].Select(SubjectOf).ToArray(),
                    });
                    break;
                case "binding":
                    others.Add(new RoleBinding
                    {
                        Metadata = MetadataOf(words[1], words[2]),
                        RoleRef = new RoleRef { ApiGroup = RbacResources.Group, Kind = "Role", Name = words[3] },
                        Subjects = words[4..].Select(SubjectOf).ToArray(),
                    });
                    break;
                default:
                    throw new FormatException($"the table of default roles has a line of an unknown kind: {words[0]}");
            }
        }
        return [.. Aggregated(clusterRoles), .. others];
    }

    private static List<string> ReadLines()
    {
        using var stream = typeof(RbacFacts).Assembly.GetManifestResourceStream("rbac.txt")!;
        using var reader = new StreamReader(stream);
        var lines = new List<string>();
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
            {
                lines.Add(line);
            }
        }
        return lines;
    }

    /// <summary>Edit gathers view, and admin gathers edit: each round carries the rules one step on.</summary>
    private static List<ClusterRole> Aggregated(List<ClusterRole> roles)
    {
        for (var changed = true; changed;)
        {
            changed = false;
            for (var i = 0; i < roles.Count; i++)
            {
                if (RoleAggregation.RulesOf(roles[i], roles) is { } rules && !RoleAggregation.Same(rules, roles[i].Rules))
                {
                    roles[i] = roles[i] with { Rules = rules };
                    changed = true;
                }
            }
        }
        return roles;
    }

    private static ClusterRole ClusterRoleOf(string[] words, List<PolicyRule> rules)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal) { [BootstrappingLabel] = "rbac-defaults" };
        var gathers = new List<LabelSelector>();
        foreach (var word in words[2..])
        {
            var key = AggregatePrefix + word[1..];
            if (word[0] == '+')
            {
                labels[key] = "true";
            }
            else
            {
                gathers.Add(new LabelSelector { MatchLabels = new Dictionary<string, string> { [key] = "true" } });
            }
        }
        return new ClusterRole
        {
            Metadata = MetadataOf("", words[1]) with { Labels = labels },
            AggregationRule = gathers.Count == 0 ? null : new AggregationRule { ClusterRoleSelectors = gathers },
            Rules = rules,
        };
    }

    private static ObjectMeta MetadataOf(string @namespace, string name) => new()
    {
        Name = name,
        Namespace = @namespace.Length == 0 ? null : @namespace,
        Labels = new Dictionary<string, string> { [BootstrappingLabel] = "rbac-defaults" },
        Annotations = new Dictionary<string, string> { [RbacReconciliation.AutoUpdateAnnotation] = "true" },
    };

    private static PolicyRule RuleOf(string[] words) => words[1].StartsWith('/') || words is [_, RuleMatcher.All]
        ? new PolicyRule { Verbs = words[0].Split(','), NonResourceURLs = words[1].Split(',') }
        : new PolicyRule
        {
            Verbs = words[0].Split(','),
            ApiGroups = words[1].Split(',').Select(group => group == "core" ? "" : group).ToArray(),
            Resources = words[2].Split(','),
            ResourceNames = words.Length > 3 ? words[3].Split(',') : [],
        };

    private static Subject SubjectOf(string word)
    {
        var parts = word.Split('/');
        return parts[0] switch
        {
            "user" => new Subject { ApiGroup = RbacResources.Group, Kind = "User", Name = parts[1] },
            "group" => new Subject { ApiGroup = RbacResources.Group, Kind = "Group", Name = parts[1] },
            _ => new Subject { Kind = "ServiceAccount", Namespace = parts[1], Name = parts[2] },
        };
    }
}
