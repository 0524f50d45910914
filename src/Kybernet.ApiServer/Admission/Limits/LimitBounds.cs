using System.Globalization;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Scheduling;

namespace Kybernet.ApiServer.Admission.Limits;

/// <summary>Holds what pods and claims ask for to the bounds of LimitRanges; problems are told in upstream's words.</summary>
internal static class LimitBounds
{
    private const string Claims = "PersistentVolumeClaim";
    private const string Containers = "Container";
    private const string Pods = "Pod";

    private static readonly Dictionary<string, Quantity> Nothing = [];

    /// <summary>Judges a pod: each of its containers, and all of them together.</summary>
    public static void CheckPod(IEnumerable<LimitRangeItem> limits, PodSpec pod, List<string> problems)
    {
        foreach (var limit in limits)
        {
            if (limit.Type == Containers)
            {
                foreach (var container in pod.Containers.Concat(pod.InitContainers))
                {
                    Check(limit, container.Resources?.Requests ?? Nothing, container.Resources?.Limits ?? Nothing, problems);
                }
            }
            else if (limit.Type == Pods)
            {
                Check(limit, PodTotals.Requests(pod), PodTotals.Limits(pod), problems);
            }
        }
    }

    /// <summary>Judges a claim, which has no limits.</summary>
    public static void CheckClaim(IEnumerable<LimitRangeItem> limits, IReadOnlyDictionary<string, Quantity>? requests, List<string> problems)
    {
        foreach (var limit in limits.Where(static limit => limit.Type == Claims))
        {
            foreach (var (name, least) in Ordered(limit.Min))
            {
                Minimum(name, limit.Type, least, requests ?? Nothing, Nothing, problems);
            }
            foreach (var (name, most) in Ordered(limit.Max))
            {
                if ((requests ?? Nothing).TryGetValue(name, out var request) is var isSaid && (!isSaid || request > most))
                {
                    problems.Add($"maximum {name} usage per {limit.Type} is {most}" + (isSaid ? $", but request is {request}" : ".  No request is specified"));
                }
            }
        }
    }

    private static void Check(LimitRangeItem limit, IReadOnlyDictionary<string, Quantity> requests, IReadOnlyDictionary<string, Quantity> limits, List<string> problems)
    {
        foreach (var (name, least) in Ordered(limit.Min))
        {
            Minimum(name, limit.Type, least, requests, limits, problems);
        }
        foreach (var (name, most) in Ordered(limit.Max))
        {
            Maximum(name, limit.Type, most, requests, limits, problems);
        }
        foreach (var (name, ratio) in Ordered(limit.MaxLimitRequestRatio))
        {
            Ratio(name, limit.Type, ratio, requests, limits, problems);
        }
    }

    private static void Minimum(
        string name, string type, Quantity least, IReadOnlyDictionary<string, Quantity> requests, IReadOnlyDictionary<string, Quantity> limits, List<string> problems)
    {
        var rule = $"minimum {name} usage per {type} is {least}";
        if (!requests.TryGetValue(name, out var request))
        {
            problems.Add($"{rule}.  No request is specified");
        }
        else if (request < least)
        {
            problems.Add($"{rule}, but request is {request}");
        }
        else if (limits.TryGetValue(name, out var limit) && limit < least)
        {
            problems.Add($"{rule}, but limit is {limit}");
        }
    }

    private static void Maximum(
        string name, string type, Quantity most, IReadOnlyDictionary<string, Quantity> requests, IReadOnlyDictionary<string, Quantity> limits, List<string> problems)
    {
        var rule = $"maximum {name} usage per {type} is {most}";
        if (!limits.TryGetValue(name, out var limit))
        {
            problems.Add($"{rule}.  No limit is specified");
        }
        else if (limit > most)
        {
            problems.Add($"{rule}, but limit is {limit}");
        }
        else if (requests.TryGetValue(name, out var request) && request > most)
        {
            problems.Add($"{rule}, but request is {request}");
        }
    }

    private static void Ratio(
        string name, string type, Quantity most, IReadOnlyDictionary<string, Quantity> requests, IReadOnlyDictionary<string, Quantity> limits, List<string> problems)
    {
        var rule = $"{name} max limit to request ratio per {type} is {most}";
        if (!requests.TryGetValue(name, out var request) || request.IsZero)
        {
            problems.Add($"{rule}, but no request is specified or request is 0");
        }
        else if (!limits.TryGetValue(name, out var limit) || limit.IsZero)
        {
            problems.Add($"{rule}, but no limit is specified or limit is 0");
        }
        else if (limit.ToDouble() / request.ToDouble() is var ratio && ratio > most.ToDouble())
        {
            problems.Add($"{rule}, but provided ratio is {ratio.ToString("F6", CultureInfo.InvariantCulture)}");
        }
    }

    private static IEnumerable<KeyValuePair<string, Quantity>> Ordered(IReadOnlyDictionary<string, Quantity> quantities) =>
        quantities.OrderBy(static entry => entry.Key, StringComparer.Ordinal);
}
