using System.Globalization;
using Kybernet.Network.Services.Rules;

namespace Kybernet.Network.Services.Conntrack;

/// <summary>
/// Which UDP flows the kernel has to forget. It sends a datagram of a flow where it sent those before, and a client that goes on sending from one port
/// makes a flow that never ends: its datagrams would go on going to an endpoint that is gone, or nowhere though there is an endpoint now.
/// </summary>
internal static class StaleFlows
{
    /// <summary>What to tell <c>conntrack</c>, a command each, after the endpoints of a Service changed.</summary>
    public static IEnumerable<IReadOnlyList<string>> Commands(
        IReadOnlyDictionary<Frontend, HashSet<string>> before, IReadOnlyDictionary<Frontend, HashSet<string>> after)
    {
        foreach (var (frontend, targets) in after)
        {
            if (targets.Count > 0 && before.GetValueOrDefault(frontend) is not { Count: > 0 })
            {
                yield return Delete(frontend);
            }
        }
        foreach (var (frontend, targets) in before)
        {
            foreach (var target in targets)
            {
                if (after.GetValueOrDefault(frontend)?.Contains(target) != true)
                {
                    yield return [.. Delete(frontend), "--dst-nat", target];
                }
            }
        }
    }

    private static List<string> Delete(Frontend frontend)
    {
        List<string> command = ["-D", "-p", frontend.Protocol, "--dport", frontend.Port.ToString(CultureInfo.InvariantCulture)];
        if (frontend.Address is { } address)
        {
            command.AddRange(["-f", address.Contains(':') ? "ipv6" : "ipv4", "--orig-dst", address]);
        }
        return command;
    }
}
