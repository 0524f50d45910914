using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Runtime.Cri;

namespace Kybernet.Kubelet.Sandboxes;

/// <summary>A pod's resolver configuration.</summary>
internal sealed class DnsSettings(KubeletOptions options)
{
    // Of the host's search domains those are kept that fit beside the cluster's.
    private const int MaxSearches = 32;
    private const int MaxServers = 3;

    public DNSConfig Build(Pod pod)
    {
        var config = new DNSConfig();
        var policy = pod.Spec.DnsPolicy ?? "ClusterFirst";
        var isClusterFirst = policy == "ClusterFirstWithHostNet" || (policy == "ClusterFirst" && pod.Spec.HostNetwork != true);
        if (isClusterFirst && options.ClusterDns.Count > 0)
        {
            var domain = options.ClusterDomain;
            config.Servers.AddRange(options.ClusterDns);
            config.Searches.AddRange([$"{pod.Metadata.Namespace}.svc.{domain}", $"svc.{domain}", domain]);
            config.Searches.AddRange(ReadHost().Searches);
            config.Options.Add("ndots:5");
        }
        else if (policy != "None")
        {
            config = ReadHost();
        }
        if (pod.Spec.DnsConfig is { } own)
        {
            Merge(config, own);
        }
        return Bounded(config);
    }

    private static void Merge(DNSConfig config, PodDNSConfig own)
    {
        AddMissing(config.Servers, own.Nameservers);
        AddMissing(config.Searches, own.Searches);
        foreach (var option in own.Options)
        {
            for (var i = config.Options.Count - 1; i >= 0; i--)
            {
                if (config.Options[i].Split(':')[0] == option.Name)
                {
                    config.Options.RemoveAt(i);
                }
            }
            config.Options.Add(option.Value is { Length: > 0 } value ? $"{option.Name}:{value}" : option.Name ?? "");
        }
    }

    private static void AddMissing(ICollection<string> list, IReadOnlyList<string> added)
    {
        foreach (var item in added)
        {
            if (!list.Contains(item))
            {
                list.Add(item);
            }
        }
    }

    private static DNSConfig Bounded(DNSConfig config)
    {
        while (config.Servers.Count > MaxServers)
        {
            config.Servers.RemoveAt(config.Servers.Count - 1);
        }
        while (config.Searches.Count > MaxSearches)
        {
            config.Searches.RemoveAt(config.Searches.Count - 1);
        }
        return config;
    }

    private DNSConfig ReadHost()
    {
        var config = new DNSConfig();
        if (options.ResolverConfiguration.Length == 0 || !File.Exists(options.ResolverConfiguration))
        {
            return config;
        }
        foreach (var line in File.ReadLines(options.ResolverConfiguration))
        {
            var words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || words[0][0] is '#' or ';')
            {
                continue;
            }
            switch (words[0])
            {
                case "nameserver":
                    config.Servers.Add(words[1]);
                    break;
                case "search":
                    config.Searches.Clear();
                    config.Searches.AddRange(words.Skip(1).Select(word => word.TrimEnd('.')).Where(word => word.Length > 0));
                    break;
                case "options":
                    config.Options.Clear();
                    config.Options.AddRange(words.Skip(1));
                    break;
            }
        }
        return config;
    }
}
