using Kybernet.EndToEnd.Nodes;

namespace Kybernet.EndToEnd.Workloads;

/// <summary>A guest book in three tiers: a frontend that writes to one backend, the primary, and reads from others, its replicas.</summary>
internal static class Guestbook
{
    /// <summary>The tiers, each a Deployment and a Service of that name.</summary>
    public static readonly IReadOnlyList<string> Tiers = ["primary", "replica", "frontend"];

    private const string Script =
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: guestbook}
        data:
          book: |
            #!/bin/sh
            printf 'Content-Type: text/plain\r\n\r\n'
            ask() { wget -qO- "http://$1:8080/cgi-bin/book$2"; }
            case $TIER in
            primary) [ -z "$QUERY_STRING" ] || echo "$QUERY_STRING" >>/data/entries; cat /data/entries 2>/dev/null ;;
            replica) ask primary ;;
            frontend) if [ -n "$QUERY_STRING" ]; then ask primary "?$QUERY_STRING"; else ask replica; fi ;;
            esac
        """;

    /// <summary>All of its objects.</summary>
    public static string Manifest { get; } = string.Join("\n---\n", [Script, Tier("primary", 1), Tier("replica", 2), Tier("frontend", 3)]);

    private static string Tier(string name, int replicas) => $$"""
        apiVersion: v1
        kind: Service
        metadata: {name: {{name}}}
        spec:
          selector: {tier: {{name}}}
          ports: [{port: 8080}]
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: {{name}}}
        spec:
          replicas: {{replicas}}
          selector:
            matchLabels: {tier: {{name}}}
          template:
            metadata:
              labels: {tier: {{name}}}
            spec:
              containers:
              - name: main
                image: "{{PodYaml.Image}}"
                env: [{name: TIER, value: {{name}}}]
                readinessProbe:
                  httpGet: {path: /healthz, port: 8080}
                  periodSeconds: 1
                volumeMounts: [{name: script, mountPath: /www/cgi-bin}, {name: data, mountPath: /data}]
              volumes:
              - name: script
                configMap: {name: guestbook, defaultMode: 0755}
              - name: data
                emptyDir: {}
        """;
}
