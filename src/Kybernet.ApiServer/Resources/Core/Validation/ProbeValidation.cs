using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>What is asked of a container while it runs: probes, and the hooks of its lifecycle.</summary>
internal static class ProbeValidation
{
    private const long DefaultGracePeriod = 30;
    private static readonly string[] Schemes = ["HTTP", "HTTPS"];

    /// <summary>Says what is wrong with a container's probes and hooks.</summary>
    public static void Validate(Container container, FieldPath path, PodValidationContext pod)
    {
        if (container.Lifecycle is not null)
        {
            Lifecycle(container.Lifecycle, path.Child("lifecycle"), pod);
        }
        if (container.LivenessProbe is not null)
        {
            Probe(container.LivenessProbe, path.Child("livenessProbe"), pod.Errors);
            SucceedsAtOnce(container.LivenessProbe, path.Child("livenessProbe"), pod.Errors);
        }
        if (container.ReadinessProbe is not null)
        {
            Probe(container.ReadinessProbe, path.Child("readinessProbe"), pod.Errors);
            if (container.ReadinessProbe.TerminationGracePeriodSeconds is { } seconds)
            {
                pod.Errors.Invalid(path.Child("readinessProbe").Child("terminationGracePeriodSeconds"), seconds, "must not be set for readinessProbes");
            }
        }
        if (container.StartupProbe is not null)
        {
            Probe(container.StartupProbe, path.Child("startupProbe"), pod.Errors);
            SucceedsAtOnce(container.StartupProbe, path.Child("startupProbe"), pod.Errors);
        }
    }

    private static void SucceedsAtOnce(Probe probe, FieldPath path, FieldErrors errors)
    {
        if (probe.SuccessThreshold is { } threshold and not 1)
        {
            errors.Invalid(path.Child("successThreshold"), threshold, "must be 1");
        }
    }

    private static void Probe(Probe probe, FieldPath path, FieldErrors errors)
    {
        var handlers = new HandlerCount(path, errors);
        Exec(probe.Exec, ref handlers, path, errors);
        HttpGet(probe.HttpGet, ref handlers, path, errors);
        Tcp(probe.TcpSocket, ref handlers, path, errors);
        if (handlers.IsFirst(probe.Grpc, "grpc"))
        {
            errors.Port(probe.Grpc!.Port, path.Child("grpc"), "port");
        }
        handlers.NeedsOne();
        errors.NonNegative(probe.InitialDelaySeconds, path, "initialDelaySeconds");
        errors.NonNegative(probe.TimeoutSeconds, path, "timeoutSeconds");
        errors.NonNegative(probe.PeriodSeconds, path, "periodSeconds");
        errors.NonNegative(probe.SuccessThreshold, path, "successThreshold");
        errors.NonNegative(probe.FailureThreshold, path, "failureThreshold");
        if (probe.TerminationGracePeriodSeconds is <= 0)
        {
            errors.Invalid(path.Child("terminationGracePeriodSeconds"), probe.TerminationGracePeriodSeconds, "must be greater than 0");
        }
    }

    private static void Lifecycle(Lifecycle lifecycle, FieldPath path, PodValidationContext pod)
    {
        if (lifecycle.PostStart is not null)
        {
            Hook(lifecycle.PostStart, path.Child("postStart"), pod);
        }
        if (lifecycle.PreStop is not null)
        {
            Hook(lifecycle.PreStop, path.Child("preStop"), pod);
        }
        if (lifecycle.StopSignal is not null && pod.Spec.Os is null)
        {
            pod.Errors.Forbidden(path.Child("stopSignal"), "may not be set for containers with empty `spec.os.name`");
        }
    }

    private static void Hook(LifecycleHandler hook, FieldPath path, PodValidationContext pod)
    {
        var handlers = new HandlerCount(path, pod.Errors);
        Exec(hook.Exec, ref handlers, path, pod.Errors);
        HttpGet(hook.HttpGet, ref handlers, path, pod.Errors);
        Tcp(hook.TcpSocket, ref handlers, path, pod.Errors);
        if (handlers.IsFirst(hook.Sleep, "sleep"))
        {
            var gracePeriod = pod.Spec.TerminationGracePeriodSeconds ?? DefaultGracePeriod;
            if (hook.Sleep!.Seconds < 0 || hook.Sleep.Seconds > gracePeriod)
            {
                pod.Errors.Invalid(path.Child("sleep"), hook.Sleep.Seconds,
                    $"must be non-negative and less than terminationGracePeriodSeconds ({gracePeriod})");
            }
        }
        handlers.NeedsOne();
    }

    private static void Exec(ExecAction? exec, ref HandlerCount handlers, FieldPath path, FieldErrors errors)
    {
        if (handlers.IsFirst(exec, "exec") && exec!.Command.Count == 0)
        {
            errors.Required(path.Child("exec").Child("command"));
        }
    }

    private static void HttpGet(HTTPGetAction? http, ref HandlerCount handlers, FieldPath path, FieldErrors errors)
    {
        if (!handlers.IsFirst(http, "httpGet"))
        {
            return;
        }
        var httpPath = path.Child("httpGet");
        if (http!.Path is "")
        {
            errors.Required(httpPath.Child("path"));
        }
        errors.Port(http.Port, httpPath, "port");
        if (http.Scheme is { } scheme && Array.IndexOf(Schemes, scheme) < 0)
        {
            errors.NotSupported(httpPath.Child("scheme"), scheme, Schemes);
        }
        foreach (var header in http.HttpHeaders)
        {
            errors.Invalid(httpPath.Child("httpHeaders"), header.Name, NameRules.HeaderName(header.Name));
        }
    }

    private static void Tcp(TCPSocketAction? tcp, ref HandlerCount handlers, FieldPath path, FieldErrors errors)
    {
        if (handlers.IsFirst(tcp, "tcpSocket"))
        {
            errors.Port(tcp!.Port, path.Child("tcpSocket"), "port");
        }
    }

    /// <summary>Counts handlers: exactly one is right.</summary>
    private struct HandlerCount(FieldPath path, FieldErrors errors)
    {
        private int _count;

        public bool IsFirst(object? handler, string field)
        {
            if (handler is null)
            {
                return false;
            }
            if (_count++ == 0)
            {
                return true;
            }
            errors.Forbidden(path.Child(field), "may not specify more than 1 handler type");
            return false;
        }

        public readonly void NeedsOne()
        {
            if (_count == 0)
            {
                errors.Required(path, "must specify a handler type");
            }
        }
    }
}
