using System.Net;
using System.Net.Sockets;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>The cluster addresses of a service and their families, by themselves and from one update to the next.</summary>
internal static class ServiceAddressValidation
{
    private static readonly FieldPath Addresses = FieldPath.Of("spec").Child("clusterIPs");
    private static readonly FieldPath Families = FieldPath.Of("spec").Child("ipFamilies");
    private static readonly string[] KnownFamilies = ["IPv4", "IPv6"];
    private static readonly string[] Policies = ["PreferDualStack", "RequireDualStack", "SingleStack"];

    /// <summary>Says what is wrong with the addresses.</summary>
    public static void Validate(ServiceSpec spec, FieldErrors errors)
    {
        if (!string.IsNullOrEmpty(spec.ClusterIP))
        {
            if (spec.ClusterIPs.Count == 0)
            {
                errors.Required(Addresses);
            }
            else if (spec.ClusterIPs[0] != spec.ClusterIP)
            {
                errors.InvalidList(Addresses, spec.ClusterIPs, "first value must match `clusterIP`");
            }
        }
        else if (spec.ClusterIPs.Count > 0)
        {
            errors.InvalidList(Addresses, spec.ClusterIPs, "must be empty when `clusterIP` is not specified");
        }
        for (var i = 0; i < spec.IpFamilies.Count; i++)
        {
            if (Array.IndexOf(KnownFamilies, spec.IpFamilies[i]) < 0)
            {
                errors.NotSupported(Families.Index(i), spec.IpFamilies[i], KnownFamilies);
            }
            for (var j = 0; j < i; j++)
            {
                if (spec.IpFamilies[j] == spec.IpFamilies[i])
                {
                    errors.Duplicate(Families.Index(i), spec.IpFamilies[i]);
                    break;
                }
            }
        }
        errors.OneOf(spec.IpFamilyPolicy, FieldPath.Of("spec"), "ipFamilyPolicy", Policies);
        Values(spec, errors);
    }

    /// <summary>Says which addresses may not change: the first never, the second only with the policy.</summary>
    public static void ValidateUpdate(ServiceSpec spec, ServiceSpec previous, FieldErrors errors)
    {
        if (spec.Type == "ExternalName" || previous.Type == "ExternalName")
        {
            return;
        }
        var (isHeadless, wasHeadless) = (ServiceValidation.IsHeadless(spec), ServiceValidation.IsHeadless(previous));
        if (!(isHeadless && wasHeadless))
        {
            List(spec.ClusterIPs, previous.ClusterIPs, Addresses, "primary clusterIP can not be unset", "secondary clusterIP", spec, errors);
        }
        if (!isHeadless && !wasHeadless)
        {
            List(spec.IpFamilies, previous.IpFamilies, Families, "primary ipFamily can not be unset", "secondary ipFamily", spec, errors);
        }
    }

    private static void Values(ServiceSpec spec, FieldErrors errors)
    {
        var parsed = new List<IPAddress>();
        var before = errors.Items.Count;
        for (var i = 0; i < spec.ClusterIPs.Count; i++)
        {
            if (i == 0 && spec.ClusterIPs[0] == "None")
            {
                if (spec.ClusterIPs.Count > 1)
                {
                    errors.InvalidList(Addresses, spec.ClusterIPs, "'None' must be the first and only value");
                }
            }
            else if (errors.Ip(spec.ClusterIPs[i], Addresses.Index(i)) is { } address)
            {
                parsed.Add(address);
            }
        }
        var isBroken = errors.Items.Count > before;
        if (spec.ClusterIPs.Count > 2)
        {
            errors.InvalidList(Addresses, spec.ClusterIPs, "may only hold up to 2 values");
        }
        if (isBroken)
        {
            return;
        }
        if (parsed.Count > 1 && parsed.Select(address => address.AddressFamily).Distinct().Count() != 2)
        {
            errors.InvalidList(Addresses, spec.ClusterIPs, "may specify no more than one IP for each IP family");
        }
        for (var i = 0; i < Math.Min(parsed.Count, spec.IpFamilies.Count); i++)
        {
            var expected = parsed[i].AddressFamily == AddressFamily.InterNetwork ? "IPv4" : "IPv6";
            if (spec.IpFamilies[i] != expected && Array.IndexOf(KnownFamilies, spec.IpFamilies[i]) >= 0)
            {
                errors.Invalid(Addresses.Index(i), spec.ClusterIPs[i], $"expected an {spec.IpFamilies[i]} value as indicated by `ipFamilies[{i}]`");
            }
        }
    }

    private static void List(
        IReadOnlyList<string> values, IReadOnlyList<string> previous, FieldPath path, string unset, string secondary, ServiceSpec spec,
        FieldErrors errors)
    {
        const string Fixed = "may not change once set";
        if (values.Count == previous.Count)
        {
            for (var i = 0; i < values.Count; i++)
            {
                if (values[i] != previous[i])
                {
                    errors.InvalidList(path.Index(i), values, Fixed);
                }
            }
            return;
        }
        if (values.Count == 0)
        {
            errors.InvalidList(path.Index(0), values, unset);
        }
        else if (previous.Count > 0 && values[0] != previous[0])
        {
            errors.InvalidList(path.Index(0), values, Fixed);
        }
        if (previous.Count > values.Count && values.Count == 1 && spec.IpFamilyPolicy != "SingleStack")
        {
            errors.Invalid(FieldPath.Of("spec").Child("ipFamilyPolicy"), spec.IpFamilyPolicy,
                $"must be set to 'SingleStack' when releasing the {secondary}");
        }
    }
}
