import { Alert, Button, Select } from '@mantine/core'
import {
  IconFlipHorizontal,
  IconPlayerPlay,
  IconSnowflake,
  IconVideo,
  IconVideoOff,
} from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { localAddress } from '../../browser/address.ts'
import { classifiedSquare, isMirrored } from '../../classify/index.ts'
import { type ClassifierState, takeWebcamWish, useResults } from '../../store/index.ts'
import { Answer } from './Answer.tsx'
import classes from './ResultsPanel.module.css'
import styles from './TryIt.module.css'
import { useCamera } from './use-camera.ts'
import { useClassifiedVideo } from './use-classified-video.ts'

/** Mirrored as people expect; what is classified is not; the square that is classified is drawn. */
export function Webcam({ classifier }: { classifier: ClassifierState }) {
  const { t } = useTranslation()
  const section = useRef<HTMLElement>(null)
  const video = useRef<HTMLVideoElement>(null)
  /** Asked for from above the fold: it is brought into view as soon as there is a picture. */
  const comesIntoView = useRef(false)
  const { stream, cameras, failure, opening, start, stop } = useCamera()
  const [size, setSize] = useState<{ width: number; height: number } | null>(null)
  const [frozen, setFrozen] = useState(false)
  /** Null: as the camera looks at the person or away. */
  const [mirror, setMirror] = useState<boolean | null>(null)
  const wanted = useResults((state) => state.webcamWanted)
  const answer = useClassifiedVideo(video, stream, classifier.evaluation, frozen)

  useEffect(() => {
    if (video.current) video.current.srcObject = stream
    setFrozen(false)
    setMirror(null)
  }, [stream])

  useEffect(() => {
    if (!wanted || !takeWebcamWish()) return
    comesIntoView.current = true
    if (!stream) void start()
  })

  const freeze = (still: boolean) => {
    if (still) video.current?.pause()
    else void video.current?.play()
    setFrozen(still)
  }
  const square = size && classifiedSquare(size.width, size.height, classifier.evaluation)
  const current = stream?.getVideoTracks()[0]?.getSettings().deviceId
  const mirrored = mirror ?? (stream !== null && isMirrored(stream))
  return (
    <section
      ref={section}
      className={styles.webcam}
      data-live={stream ? true : undefined}
      aria-label={t('try.webcam')}
    >
      <h3 className={classes.title}>{t('try.webcam')}</h3>
      {failure && (
        <Alert color="red" role="alert" data-testid="camera-error" data-code={failure.code}>
          {t(`try.error.${failure.code}`, {
            detail: failure.detail,
            address: localAddress(window.location.href),
          })}
        </Alert>
      )}
      {stream === null ? (
        <Button
          variant="light"
          leftSection={<IconVideo size={17} />}
          loading={opening}
          data-testid="start-webcam"
          onClick={() => void start()}
        >
          {t('try.start')}
        </Button>
      ) : (
        <div className={styles.live}>
          <div
            className={styles.camera}
            data-mirrored={mirrored ? true : undefined}
            data-frozen={frozen ? true : undefined}
          >
            <video
              ref={video}
              autoPlay
              muted
              playsInline
              aria-label={t('try.preview')}
              data-testid="webcam"
              onLoadedMetadata={({ currentTarget }) => {
                setSize({ width: currentTarget.videoWidth, height: currentTarget.videoHeight })
                if (comesIntoView.current) section.current?.scrollIntoView({ block: 'start' })
                comesIntoView.current = false
              }}
            />
            {size && square && (
              <div
                className={styles.square}
                data-testid="classified-square"
                style={{
                  left: `${(100 * square.x) / size.width}%`,
                  top: `${(100 * square.y) / size.height}%`,
                  width: `${(100 * square.side) / size.width}%`,
                  height: `${(100 * square.side) / size.height}%`,
                }}
              />
            )}
            {frozen && <span className={styles.frozen}>{t('try.frozen')}</span>}
          </div>
          <div className={styles.answers}>
            {answer.error && (
              <Alert color="red" role="alert">
                {t('try.classify_error', { detail: answer.error })}
              </Alert>
            )}
            {answer.result ? (
              <Answer
                result={answer.result}
                rate={answer.rate}
                steady={classifier.classes.length <= answer.result.top.length}
              />
            ) : (
              !answer.error && <span role="status">{t('try.looking')}</span>
            )}
            <p className={classes.note} data-testid="only-knows">
              <OnlyKnows names={classifier.classes} />
            </p>
            <div className={styles.controls}>
              <Button
                variant="default"
                size="xs"
                leftSection={frozen ? <IconPlayerPlay size={16} /> : <IconSnowflake size={16} />}
                disabled={answer.result === null}
                data-testid="freeze"
                onClick={() => freeze(!frozen)}
              >
                {frozen ? t('try.go_on') : t('try.freeze')}
              </Button>
              <Button
                variant="default"
                size="xs"
                leftSection={<IconFlipHorizontal size={16} />}
                aria-pressed={mirrored}
                data-testid="mirror"
                onClick={() => setMirror(!mirrored)}
              >
                {t('try.mirror')}
              </Button>
              <Button
                variant="default"
                size="xs"
                leftSection={<IconVideoOff size={16} />}
                data-testid="stop-webcam"
                onClick={stop}
              >
                {t('try.stop')}
              </Button>
              {cameras.length > 1 && (
                <Select
                  size="xs"
                  aria-label={t('try.camera')}
                  allowDeselect={false}
                  value={current ?? null}
                  data={cameras.map(({ id, label }, index) => ({
                    value: id,
                    label: label || t('try.camera_n', { index: index + 1 }),
                  }))}
                  data-testid="camera"
                  onChange={(id) => {
                    if (id) void start(id)
                  }}
                />
              )}
            </div>
          </div>
        </div>
      )}
      <p className={classes.note}>{t('try.mirrored')}</p>
    </section>
  )
}

/** Names listed before the rest is counted. */
const MOST_NAMES = 6

/** Whatever it is shown, it answers with one of these. */
function OnlyKnows({ names }: { names: readonly string[] }) {
  const { t, i18n } = useTranslation()
  if (names.length > MOST_NAMES) return t('try.only_knows_many', { count: names.length })
  const list = new Intl.ListFormat(i18n.language).format(names)
  return t('try.only_knows', { names: list })
}
