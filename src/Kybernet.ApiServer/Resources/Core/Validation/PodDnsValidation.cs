using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>How a pod finds names: its resolver's settings, and the hosts that it knows by itself.</summary>
internal static class PodDnsValidation
{
    private const int MaxNameservers = 3;
    private const int MaxSearchPaths = 32;
    private const int MaxSearchCharacters = 2048;

    /// <summary>Says what is wrong with them.</summary>
    public static void Validate(PodSpec spec, FieldPath path, FieldErrors errors)
    {
        HostAliases(spec.HostAliases, path, errors);
        var config = spec.DnsConfig;
        var configPath = path.Child("dnsConfig");
        if (spec.DnsPolicy == "None" && config is null)
        {
            errors.Required(configPath, "must provide `dnsConfig` when `dnsPolicy` is None");
            return;
        }
        if (spec.DnsPolicy == "None" && config!.Nameservers.Count == 0)
        {
            errors.Required(configPath.Child("nameservers"), "must provide at least one DNS nameserver when `dnsPolicy` is None");
            return;
        }
        if (config is not null)
        {
            Config(config, configPath, errors);
        }
    }

    private static void Config(PodDNSConfig config, FieldPath path, FieldErrors errors)
    {
        if (config.Nameservers.Count > MaxNameservers)
        {
            errors.InvalidList(path.Child("nameservers"), config.Nameservers, $"must not have more than {MaxNameservers} nameservers");
        }
        for (var i = 0; i < config.Nameservers.Count; i++)
        {
            errors.Ip(config.Nameservers[i], path.Child("nameservers").Index(i));
        }
        if (config.Searches.Count > MaxSearchPaths)
        {
            errors.InvalidList(path.Child("searches"), config.Searches, $"must not have more than {MaxSearchPaths} search paths");
        }
        if (string.Join(' ', config.Searches).Length > MaxSearchCharacters)
        {
            errors.InvalidList(path.Child("searches"), config.Searches,
                $"must not have more than {MaxSearchCharacters} characters (including spaces) in the search list");
        }
        for (var i = 0; i < config.Searches.Count; i++)
        {
            var search = config.Searches[i];
            if (search == ".")
            {
                continue;
            }
            var name = search.EndsWith('.') ? search[..^1] : search;
            errors.Invalid(path.Child("searches").Index(i), name, NameRules.UnderscoreSubdomain(name));
        }
        for (var i = 0; i < config.Options.Count; i++)
        {
            if (string.IsNullOrEmpty(config.Options[i].Name))
            {
                errors.Required(path.Child("options").Index(i), "must not be empty");
            }
        }
    }

    private static void HostAliases(IReadOnlyList<HostAlias> aliases, FieldPath spec, FieldErrors errors)
    {
        for (var i = 0; i < aliases.Count; i++)
        {
            var path = spec.Child("hostAliases").Index(i);
            errors.Ip(aliases[i].Ip, path.Child("ip"));
            for (var j = 0; j < aliases[i].Hostnames.Count; j++)
            {
                var name = aliases[i].Hostnames[j];
                errors.Invalid(path.Child("hostnames").Index(j), name, NameRules.Subdomain(name));
            }
        }
    }
}
